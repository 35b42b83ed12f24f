import json
import os
import subprocess
import sys

import pytest
from conftest import WORKER, normal_model

from nx_study_worker import InputProblem
from pymc_worker.check import check
from pymc_worker.model_file import read_model_file

BUILD = "def build(data, config): ...\n"


def test_a_good_configuration_has_no_problem_and_a_schema_without_any_package(tmp_path):
    configuration = normal_model(tmp_path)
    path = f"{WORKER / 'src'}:{WORKER.parent / 'kits/python'}"
    done = subprocess.run(
        [sys.executable, "-S", "-m", "pymc_worker.check"],
        input=json.dumps({"protocol": 1, "configuration": configuration}),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    schema = {"type": "object", "properties": {"prior_sd": {"type": "number", "default": 10}}}
    assert json.loads(done.stdout) == {"problems": [], "schemas": [{"path": "config", "schema": schema}]}


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("x = 1\n", None, "defines no function build(data, config)"),
        ("def build(data): ...\n", 1, "build must take 2 parameters, (data, config); it has (data)"),
        ("def build(a, b, c): ...\n", 1, "it has (a, b, c)"),
        ("def build(a, b, *, c): ...\n", 1, "it has (a, b, *, c)"),
        (f"{BUILD}def derived(trace): ...\n", 2, "derived must take 3 parameters, (trace, data, config)"),
        (f"{BUILD}schema = make()\n", 2, "schema must be a plain dict"),
        (f"{BUILD}schema = {{'enum': (1, 2)}}\n", 2, "schema must be a plain dict"),
        (f"{BUILD}schema = [1]\n", 2, "schema must be a plain dict"),
        ("def build(data, config):\n  return (\n", 2, "this is no Python: '(' was never closed"),
    ],
)
def test_model_files_that_are_none(tmp_path, text, line, told):
    path = tmp_path / "model.py"
    path.write_text(text)
    with pytest.raises(InputProblem) as problem:
        read_model_file(path)
    assert told in str(problem.value)
    assert (problem.value.line, problem.value.file, problem.value.setting) == (line, path, "model")


@pytest.mark.parametrize(
    "text",
    [
        "def build(data, config, more=1): ...\n",
        "def build(*both): ...\n",
        "from elsewhere import build\n",
        "build = make()\n",
    ],
)
def test_other_ways_to_define_build(tmp_path, text):
    path = tmp_path / "model.py"
    path.write_text(text)
    assert read_model_file(path).schema is None


def test_a_typed_schema_is_read(tmp_path):
    path = tmp_path / "model.py"
    path.write_text(f"schema: dict = {{'type': 'object'}}\n{BUILD}")
    assert read_model_file(path).schema == {"type": "object"}


@pytest.mark.parametrize(
    ("name", "content", "line", "told"),
    [
        ("t.csv", b"", 1, "there is no header"),
        ("t.csv", b"a,\n1,2\n", 1, "column 2 has no name"),
        ("t.csv", b"a,a\n1,2\n", 1, "column 'a' appears twice"),
        ("t.csv", b"a,b\n1,2\n1\n", 3, "1 fields, expected 2, as in the header"),
        ("t.tsv", b"a\tb\n1\t2\t3\n", 2, "3 fields, expected 2, as in the header"),
        ("t.csv", b"a,b\n\xff,2\n", None, "not UTF-8"),
        ("t.json", b'{"a": 1,\n"b"}', 2, "this is no JSON"),
        ("t.json", b'{"a": NaN}', None, "NaN; write null"),
        ("t.npz", b"no zip", None, "this is no .npz file"),
        ("t.xlsx", b"PK", None, "a file must end in one of .csv, .tsv, .json, .parquet, .npz, .npy"),
    ],
)
def test_data_files_that_cant_be_read(tmp_path, name, content, line, told):
    model = tmp_path / "model.py"
    model.write_text(BUILD)
    path = tmp_path / name
    path.write_bytes(content)
    [problem] = check({"model": str(model), "data": {"t": str(path)}})["problems"]
    assert told in problem["message"]
    assert (problem["path"], problem["file"], problem["line"]) == ("data.t", str(path), line)


def test_all_problems_are_told_at_once(tmp_path):
    found = check({"model": str(tmp_path / "m.py"), "data": {"a": str(tmp_path / "a.csv"), "b": "b.txt"}})
    assert [problem["path"] for problem in found["problems"]] == ["model", "data.a", "data.b"]
    assert found["schemas"] == []
