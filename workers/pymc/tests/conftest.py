"""What the tests share: one compile cache, small model files, and one real measurement."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

WORKER = Path(__file__).resolve().parents[1]
STUDIES = WORKER.parents[1] / "studies"

# A model whose posterior is known: mean of normal values with a normal prior, known spread.
NORMAL = """
import pymc as pm
from helper import SPREAD

schema = {"type": "object", "properties": {"prior_sd": {"type": "number", "default": 10}}}


def build(data, config):
    with pm.Model(coords={"row": data["table"]["row"]}) as model:
        mean = pm.Normal("mean", 0, config["prior_sd"])
        offset = pm.Normal("offset", 0, 1, dims="row")
        pm.Data("weight", data["array"], dims="row")
        pm.Normal("y", mean, SPREAD, observed=data["table"]["y"], dims="row")
    return model


def start(data, config):
    return {"mean": data["table"]["y"].mean()}


jitter = ["offset"]


def derived(trace, data, config):
    mean = trace["posterior"]["mean"]
    return {
        "twice": {"values": 2 * mean, "label": "2 × mean", "unit": "m", "main": True},
        "a_mean": float(mean.mean()),
    }
"""
Y = [1.0, 2.5, 0.5, 3.0, 2.0]


def pytest_configure(config):
    # PyTensor reads its flags at import, so this comes before any test module. Those of tools/python.mjs
    # name a cache of machine code that stays with the environment.
    flags = f"base_compiledir={config.cache.mkdir('pytensor')},numba__fastmath=False"
    os.environ.setdefault("PYTENSOR_FLAGS", flags)


# Fixtures of a real measurement, or a sampled model.
SLOW_FIXTURES = {"measured", "built"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if SLOW_FIXTURES & set(item.fixturenames):
            item.add_marker("slow")


def normal_model(folder):
    """The files of NORMAL; its configuration, with few draws."""
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "normal_model.py").write_text(NORMAL)
    (folder / "helper.py").write_text("SPREAD = 1.0\n")
    (folder / "table.csv").write_text("row,y\n" + "".join(f"r{at},{y}\n" for at, y in enumerate(Y)))
    np.save(folder / "array.npy", np.arange(5.0))
    return {
        "model": str(folder / "normal_model.py"),
        "data": {"table": str(folder / "table.csv"), "array": str(folder / "array.npy")},
        "chains": 2,
        "tune": 200,
        "draws": 300,
    }


def write_request(directory, configuration, seed=1, cpus=2, helpers=("helper.py",)):
    directory.mkdir(parents=True, exist_ok=True)
    model = Path(configuration["model"])
    request = {
        "protocol": 1,
        "study": "test",
        "id": "one-00000000",
        "label": "one",
        "repetition": 1,
        "take": 1,
        "digest": "0" * 64,
        "configuration": configuration,
        "seed": seed,
        "study_seed": 1,
        "allowance": {"cpus": cpus},
        "time_limit_s": None,
        "cache_dir": str(directory),
        "assets": {},
        "assets_dir": str(directory),
        "modules": {"model": [str(model), *(str(model.parent / name) for name in helpers)]},
    }
    (directory / "request.json").write_text(json.dumps(request))
    return directory


def start_worker(directory, command="measure", *arguments):
    """Start a command of the worker as the supervisor does: own session, clean paths, files for output."""
    variables = {**os.environ, "PYTHONPATH": f"{WORKER / 'src'}:{WORKER.parent / 'kits/python'}"}
    with open(directory / "worker.log", "ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", f"pymc_worker.{command}", str(directory), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=variables,
            start_new_session=True,
        )


def run_worker(directory, command="measure", *arguments):
    code = start_worker(directory, command, *arguments).wait(timeout=300)
    assert code == 0, (directory / "worker.log").read_text()
    return directory


def read_json(path):
    return json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(f"{name} in {path.name}"))


def read_events(directory):
    return [json.loads(line) for line in (directory / "events.jsonl").read_text().splitlines()]


@pytest.fixture(scope="session", autouse=True)
def _temporary_files(tmp_path_factory):
    """PyTensor leaves the source of each function that it compiles; let it go with the rest."""
    tempfile.tempdir = os.environ["TMPDIR"] = str(tmp_path_factory.mktemp("temporary"))


def measured_and_derived(directory):
    """The run directory, with its derived.json."""
    run_worker(directory)
    run_worker(directory, "derive", directory / "derived.json")
    return directory


@pytest.fixture(scope="session")
def measured(tmp_path_factory):
    """A finished measurement of NORMAL, with its derived.json; nobody may change it."""
    folder = tmp_path_factory.mktemp("measured")
    return measured_and_derived(write_request(folder / "run", normal_model(folder / "models")))
