"""What the tests share: a tiny synthetic model, complete configurations, and the worker as a process."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nx_study_models import local_model
from nx_study_worker import Request
from transformers_worker.settings import Settings

os.environ |= {"HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"}
WORKER = Path(__file__).resolve().parents[1]
SCHEMA = json.loads((WORKER / "config.schema.json").read_text())
SHAPE = {
    "architecture": "llama",
    "layers": 2,
    "hidden_size": 64,
    "intermediate_size": 128,
    "heads": 4,
    "kv_heads": 2,
    "vocabulary": 256,
    "context": 512,
    "tie_embeddings": False,
    "dtype": "bfloat16",
    "seed": 0,
}


def defaults(schema):
    """What nx-study fills in."""
    filled = {}
    for name, key in schema["properties"].items():
        if "default" in key:
            value = key["default"]
            filled[name] = {**defaults(key), **value} if isinstance(value, dict) else value
    return filled


def configuration(**changes):
    short = {
        "model": {"synthetic": SHAPE},
        "device": "cpu",
        "prompt_tokens": 12,
        "new_tokens": 6,
        "warmup": {
            "min_iterations": 1,
            "max_iterations": 1,
            "min_s": 0,
            "max_s": 60,
            "window": 2,
            "target_cv": None,
        },
        "measure": {"iterations": 3, "min_s": 0, "max_s": 60, "memory_iterations": 1},
    }
    return {**defaults(SCHEMA), **short, **changes}


def request_for(folder, cpus=2, assets=None, assets_dir=None, **changes):
    return Request(
        protocol=1,
        study="test",
        id="one-00000000",
        label="one",
        repetition=1,
        take=1,
        digest="0" * 64,
        configuration=configuration(**changes),
        seed=1,
        allowance={"cpus": cpus},
        time_limit_s=None,
        cache_dir=str(folder / "cache"),
        assets=assets or {},
        assets_dir=str(assets_dir or folder / "assets"),
    )


def settings(**changes):
    asked = Settings("cpu", 1, 2, "float32", "sdpa", None, "dynamic", False, None)
    return replace(asked, **changes)


def run_worker(request, folder):
    """Run the worker as nx-study does; returns its exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "request.json").write_text(json.dumps(vars(request)))
    paths = [WORKER / "src", WORKER.parent / "kits/python"]
    with open(folder / "worker.log", "wb") as log:
        return subprocess.run(
            [sys.executable, "-m", "transformers_worker.measure", str(folder)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
            stdout=log,
            stderr=log,
            check=False,
        ).returncode


def read_events(folder):
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


@pytest.fixture(scope="session", autouse=True)
def _kits_for_children():
    """Making a model is another process, which needs the kits as the worker does."""
    os.environ["PYTHONPATH"] = str(WORKER.parent / "kits/python")


@pytest.fixture(scope="session")
def assets_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("assets")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory, assets_dir):
    """The folder of a synthetic model, made once."""
    return local_model(request_for(tmp_path_factory.mktemp("tiny"), assets_dir=assets_dir))
