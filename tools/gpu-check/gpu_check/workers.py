"""Runs a worker as nx-study does, with a synthetic model on the GPU."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORKERS = Path(__file__).resolve().parents[3] / "workers"

# Some 60 million weights: large enough to keep a GPU busy, and made within seconds.
SHAPE = {
    "architecture": "llama",
    "layers": 8,
    "hidden_size": 512,
    "intermediate_size": 2048,
    "heads": 8,
    "kv_heads": 4,
    "vocabulary": 32_000,
    "context": 1024,
    "tie_embeddings": False,
    "dtype": "bfloat16",
    "seed": 0,
}
LOAD = {
    "model": {"synthetic": SHAPE},
    "device": "cuda",
    "compute_dtype": "bfloat16",
    "batch_size": 8,
    "prompt_tokens": 256,
    "new_tokens": 64,
    "measure": {"iterations": 5, "min_s": 3, "max_s": 20, "memory_iterations": 1},
    "energy": {"window_s": 10},
}
# Graphs and compilation take vLLM minutes, and a shared GPU has no room for its default.
ENGINES: Mapping[str, Mapping[str, Any]] = {
    "transformers": LOAD,
    "vllm": {**LOAD, "enforce_eager": True, "gpu_memory_utilization": 0.3},
}


@dataclass(frozen=True)
class Ran:
    """How a worker ended: its payload, or the reason why there is none."""

    payload: Mapping[str, Any] | None
    reason: str | None


def python_of(engine: str, cache: Path) -> str:
    """Choose the Python that runs this if it has the engine, else nx-study's newest one for CUDA."""
    if is_installed(sys.executable, engine):
        return sys.executable
    made = list(cache.glob(f"environments/{engine}-cuda-*/venv/bin/python"))
    return str(max(made, key=lambda path: path.lstat().st_mtime)) if made else sys.executable


def is_installed(python: str, module: str) -> bool:
    """Tell whether this Python has a module; it is not imported."""
    question = f"import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is None)"
    try:
        return subprocess.run([python, "-c", question], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def configuration_of(worker: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with the defaults of the worker's schema."""
    schema = json.loads((WORKERS / worker / "config.schema.json").read_text(encoding="utf-8"))
    return _with_defaults(schema, settings)


def _with_defaults(schema: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(values)
    for name, setting in schema.get("properties", {}).items():
        if name not in found and "default" in setting:
            found[name] = setting["default"]
        if isinstance(found.get(name), dict) and "properties" in setting:
            found[name] = _with_defaults(setting, found[name])
    return found


def request_of(worker: str, settings: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The request of one measurement whose files all lie below `folder`."""
    return {
        "protocol": 1,
        "study": "gpu-check",
        "id": worker,
        "label": worker,
        "repetition": 1,
        "take": 1,
        "digest": "0" * 64,
        "configuration": configuration_of(worker, settings),
        "seed": 1,
        "study_seed": 1,
        "allowance": {"cpus": len(os.sched_getaffinity(0))},
        "time_limit_s": None,
        "cache_dir": str(folder / "cache"),
        "assets": {},
        "assets_dir": str(folder / "assets"),
    }


def run_worker(worker: str, python: str, folder: Path, *, settings: Mapping[str, Any], most_s: float) -> Ran:
    """Run the worker's program in an empty folder, for so long at most."""
    manifest = json.loads((WORKERS / worker / "worker.json").read_text(encoding="utf-8"))
    run = folder / "run"
    for name in ("run", "cache", "assets", "tmp"):
        (folder / name).mkdir(parents=True)
    (run / "request.json").write_text(json.dumps(request_of(worker, settings, folder)), encoding="utf-8")
    places = {
        "{python}": python,
        "{run}": str(run),
        "{worker}": str(WORKERS / worker),
        "{kits}": str(WORKERS / "kits"),
        "{cache}": str(folder / "cache"),
    }
    command = [_placed(part, places) for part in manifest["commands"]["measure"]]
    environment = {name: _placed(value, places) for name, value in manifest["env"].items()}
    variables = {**os.environ, **environment, "TMPDIR": str(folder / "tmp")}
    with (run / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=run,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            code = process.wait(most_s)
        except subprocess.TimeoutExpired:
            return Ran(None, f"it was ended after {most_s:.0f} s")
        finally:
            _end_group(process.pid)
            process.wait()
    return _ran(run, code)


def _ran(run: Path, code: int) -> Ran:
    result = run / "result.json"
    if code == 0 and result.exists():
        return Ran(json.loads(result.read_text(encoding="utf-8"))["payload"], None)
    events = run / "events.jsonl"
    lines = events.read_text(encoding="utf-8").splitlines() if events.exists() else []
    failures = [event for event in map(json.loads, lines) if event["event"] == "failure"]
    if failures:
        return Ran(None, f"{failures[-1]['type']}: {failures[-1]['message']}")
    log = (run / "worker.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return Ran(None, f"exit code {code}: {log[-1] if log else 'no output'}")


def _placed(text: str, places: Mapping[str, str]) -> str:
    for name, value in places.items():
        text = text.replace(name, value)
    return text


def _end_group(pid: int) -> None:
    """End whatever the worker left in its process group."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
