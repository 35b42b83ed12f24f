"""What the tests share: one compile cache, simulated data, and one real measurement."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

WORKER = Path(__file__).resolve().parents[1]
STUDIES = WORKER.parents[1] / "studies"
SENATE = STUDIES / "data/us-senate"
SIMULATED = STUDIES / "data/simulated"


def pytest_configure(config):
    # PyTensor reads its flags at import, so this comes before any test module. Those of tools/python.mjs
    # name a cache of machine code that stays with the environment.
    flags = f"base_compiledir={config.cache.mkdir('pytensor')},numba__fastmath=False"
    os.environ.setdefault("PYTENSOR_FLAGS", flags)


# Fixtures of a real measurement, or compiled machine code.
SLOW_FIXTURES = {"measured", "kernel"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if SLOW_FIXTURES & set(item.fixturenames):
            item.add_marker("slow")


def senate(**more):
    return {
        "votes": str(SENATE / "senate-109.votes.csv"),
        "legislators": str(SENATE / "senate-109.legislators.csv"),
        **more,
    }


def simulated(**more):
    return {
        "votes": str(SIMULATED / "votes.csv"),
        "legislators": str(SIMULATED / "legislators.csv"),
        **more,
    }


def write_request(directory, configuration, seed=1, cpus=2):
    directory.mkdir(parents=True, exist_ok=True)
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
        "allowance": {"cpus": cpus},
        "time_limit_s": None,
        "cache_dir": str(directory),
        "assets": {},
        "assets_dir": str(directory),
    }
    (directory / "request.json").write_text(json.dumps(request))
    return directory


def start_worker(directory, command="measure", *arguments, **environment):
    """Start a command of the worker as the supervisor does: own session, clean paths, files for output."""
    variables = {
        **os.environ,
        "PYTHONPATH": f"{WORKER / 'src'}:{WORKER.parent / 'kits/python'}",
        **environment,
    }
    with open(directory / "worker.log", "ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", f"ideal_point.{command}", str(directory), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=variables,
            start_new_session=True,
        )


def run_worker(directory, command="measure", *arguments, **environment):
    code = start_worker(directory, command, *arguments, **environment).wait(timeout=300)
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


@pytest.fixture(scope="session")
def measured(tmp_path_factory):
    """A finished measurement of the simulated chamber, with its derived.json; nobody may change it."""
    directory = write_request(tmp_path_factory.mktemp("measured") / "run", simulated(), seed=5)
    run_worker(directory)
    run_worker(directory, "derive", directory / "derived.json")
    return directory


@pytest.fixture
def own_signals():
    """A measurement inside the test's process takes SIGTERM and SIGINT over; give them back."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)
