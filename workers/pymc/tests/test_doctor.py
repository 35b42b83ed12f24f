import json
import os
import subprocess
import sys
from pathlib import Path

import pymc as pm
import pytest
import xarray as xr
from conftest import STUDIES, WORKER, normal_model, read_json

from pymc_worker.doctor import look
from pymc_worker.size import size_of

BUILD = """import pymc as pm
{above}

def build(data, config):
    with pm.Model() as model:
        x = pm.Normal("x", shape=3)
        {within}
    return model
"""


@pytest.fixture(autouse=True)
def _alone(tmp_path, monkeypatch):
    """A command answers once: what its model imported must not be there for the next test."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith((str(tmp_path), str(STUDIES))):
            del sys.modules[name]


def run_python(*arguments, said=""):
    """In a process of its own, in which only the worker's code can be found."""
    return subprocess.run(
        [sys.executable, *arguments],
        input=said,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": f"{WORKER / 'src'}:{WORKER.parent / 'kits/python'}"},
    )


def answer_of(configuration, modules):
    """Of the command."""
    question = {"protocol": 1, "configuration": configuration, "modules": modules}
    done = run_python("-m", "pymc_worker.doctor", said=json.dumps(question))
    return json.loads(done.stdout), done.stderr


def test_the_command_says_how_large_a_model_is_although_the_model_prints(tmp_path):
    model = tmp_path / "talking.py"
    model.write_text(BUILD.format(above="print('hello')", within="pm.Deterministic('twice', 2 * x)"))
    answer, said = answer_of({"model": str(model)}, {"model": [str(model)]})
    message = f"{model} builds: 3 free parameters, 0 observed values"
    assert answer["items"] == [{"item": "model", "state": "ok", "message": message}]
    size = {"parameters": 3, "observations": 0, "saved": 6, "scalars": 0}
    assert answer["size"] == {**size, "data_bytes": 0, "statistics_bytes": 131}
    assert "hello" in said


@pytest.mark.slow
def test_a_module_that_no_identity_covers_is_named(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "stray.py").write_text("")
    model = tmp_path / "models/model.py"
    model.write_text(
        BUILD.format(above=f"import sys; sys.path.append({str(tmp_path)!r}); import stray", within="pass")
    )
    answer, _ = answer_of({"model": str(model)}, {"model": [str(model)]})
    [item] = answer["items"]
    assert (item["state"], answer["size"]) == ("fails", None)
    assert item["message"].startswith(f"model: it imported the module stray from {tmp_path / 'stray.py'}")


def simplex(_x):
    pm.Dirichlet("p", [1, 1, 1])


def missing(x):
    pm.Normal("y", x[0], observed=[1.0, float("nan"), 2.0])


def computed(x):
    pm.Deterministic("outer", x[:, None] * x[None, :])
    pm.Deterministic("sum", x.sum())


def of_data(x):
    pm.Normal("y", x[pm.Data("at", [0, 1, 2, 2])], observed=[1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize(
    ("add", "size"),
    [
        (simplex, {"parameters": 5, "observations": 0, "saved": 6, "scalars": 0, "data_bytes": 0}),
        pytest.param(
            missing,
            {"parameters": 4, "observations": 2, "saved": 7, "scalars": 0, "data_bytes": 16},
            marks=pytest.mark.filterwarnings("ignore:Data in y contains missing values"),
        ),
        (computed, {"parameters": 3, "observations": 0, "saved": 13, "scalars": 1, "data_bytes": 0}),
        # Four observed values, and where they are: whole numbers of 32 bits.
        (of_data, {"parameters": 3, "observations": 4, "saved": 3, "scalars": 0, "data_bytes": 48}),
    ],
)
def test_parameters_are_unconstrained_and_saved_are_all_variables(add, size):
    with pm.Model() as model:
        add(pm.Normal("x", shape=3))
    assert size_of(model) == size


@pytest.mark.parametrize(
    ("above", "within", "line", "told"),
    [
        ("", "data['missing']", 7, "build raised KeyError: 'missing'"),
        ("1 / 0", "pass", 2, "the file raised ZeroDivisionError: division by zero"),
        ("import no_such_package", "pass", 2, "the file raised ModuleNotFoundError"),
        ("", "pm.Normal('x')", 7, "build raised ValueError: Variable name x already exists"),
        ("", "pm.Poisson('n', 3)", None, "NUTS samples continuous variables; sum over n instead"),
    ],
)
def test_a_model_that_fails_is_named_with_error_file_and_line(tmp_path, above, within, line, told):
    model = tmp_path / f"{tmp_path.name}_model.py"
    model.write_text(BUILD.format(above=above, within=within))
    answer = look({"model": str(model)}, {})
    [item] = answer["items"]
    assert (item["item"], item["state"], answer["size"]) == ("model", "fails", None)
    assert item["message"].startswith(f"{model}, line {line}: " if line else f"{model}: ")
    assert told in item["message"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"data": {"table": "none.csv"}}, "none.csv: No such file"),
        ({"sampler": "blackjax"}, "sampler: blackjax needs"),
        ({"config": 3}, "config: 3 is not of type 'object'"),
    ],
)
def test_what_a_measurement_would_refuse_is_named_too(tmp_path, change, told, monkeypatch):
    monkeypatch.setitem(sys.modules, "blackjax", None)  # Python's sign that there is none
    model = tmp_path / "model.py"
    model.write_text(BUILD.format(above="", within="pass"))
    assert told in look({"model": str(model), **change}, {})["items"][0]["message"]


def test_the_size_is_that_of_what_was_measured(measured, tmp_path):
    modules = [str(tmp_path / name) for name in ("normal_model.py", "helper.py")]
    size = answer_of(normal_model(tmp_path), {"model": modules})[0]["size"]
    result = read_json(measured / "result.json")["payload"]
    with xr.open_datatree(measured / "draws.nc", engine="h5netcdf") as tree:
        groups = {name: tree[name].to_dataset() for name in tree.children}
    draws = groups["posterior"].sizes["chain"] * groups["posterior"].sizes["draw"]
    assert size == {
        "parameters": result["parameters"],
        "observations": result["observations"],
        "saved": sum(values.size for values in groups["posterior"].data_vars.values()) // draws,
        "scalars": 1,
        "data_bytes": sum(groups[name].nbytes for name in ("observed_data", "constant_data")),
        "statistics_bytes": sum(one.nbytes for one in groups["sample_stats"].data_vars.values()) // draws,
    }
    quantities = sum(one.nbytes for one in groups["quantities"].data_vars.values())
    counted = draws * (8 * size["saved"] + size["statistics_bytes"]) + size["data_bytes"] + quantities
    # What the form of the file adds, and names.
    assert counted < result["draws_bytes"] < counted + 100_000


@pytest.mark.slow
def test_a_kept_size_counts_by_all_code_that_the_command_runs(tmp_path):
    """nx-study hashes what the patterns of the manifest match, also where others leave it out."""
    manifest = json.loads((WORKER / "worker.json").read_text())
    patterns = [one.replace("{kits}", "../kits") for one in manifest["measuring"] if not one.startswith("!")]
    hashed = {path.resolve() for pattern in patterns for path in WORKER.glob(pattern)}
    model = tmp_path / "model.py"
    model.write_text(BUILD.format(above="", within="pass"))
    program = (
        "import sys; from pymc_worker.doctor import look; assert look({'model': sys.argv[1]}, {})['size']; "
        "print(*(getattr(one, '__file__', None) for one in sys.modules.values()), sep='\\n')"
    )
    files = run_python("-c", program, str(model)).stdout.splitlines()
    code = {path for path in map(Path, files) if path.is_relative_to(WORKER.parent)}
    assert {path.name for path in code} >= {"doctor.py", "size.py", "sampler_statistics.py", "config.py"}
    assert code <= hashed
