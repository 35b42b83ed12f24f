import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gpu_check import command
from gpu_check.judging import Judgement
from gpu_check.report import as_json, as_table
from gpu_check.workers import ENGINES, WORKERS, configuration_of, is_installed, python_of, run_worker

TOOL = Path(__file__).resolve().parents[1]


def run(*arguments):
    return subprocess.run(
        [sys.executable, TOOL, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_without_a_gpu_it_says_so_in_one_line_and_has_an_exit_code_of_its_own(capsys):
    assert command.main([], library="libno-nvml.so") == 3
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("no GPU: NVIDIA's driver is not here: libno-nvml.so")
    assert command.main(["--json"], library="libno-nvml.so") == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["gpu"], told["checks"]) == (None, [])
    assert "libno-nvml.so" in told["reason"]


def test_arguments():
    wrong = run("--fast")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "unrecognized arguments: --fast" in wrong.stderr
    told = run("--help")
    assert told.returncode == 0
    assert "3 no NVIDIA GPU" in told.stdout
    assert "--vllm-python" in told.stdout


def test_table_and_json():
    judgements = [Judgement("energy counter", "held", "300 W"), Judgement("vllm", "not run", "no torch")]
    assert as_table("NVIDIA H200", judgements, 41.2).splitlines() == [
        "NVIDIA H200",
        "held    energy counter  300 W",
        "not run vllm            no torch",
        "1 held, 0 failed, 1 not run, in 41 s",
    ]
    told = json.loads(as_json("NVIDIA H200", judgements, 41.2))
    assert told["checks"][1] == {"name": "vllm", "state": "not run", "detail": "no torch"}
    assert (told["held"], told["failed"], told["not_run"]) == (1, 0, 1)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_asked_of_a_worker_fits_its_schema(engine):
    schema = json.loads((WORKERS / engine / "config.schema.json").read_text(encoding="utf-8"))
    configuration = configuration_of(engine, ENGINES[engine])
    Draft202012Validator(schema).validate(configuration)
    assert set(configuration) == set(schema["properties"])
    assert configuration["warmup"]["min_iterations"] == 3


def test_a_worker_that_can_not_start_tells_the_end_of_its_log(tmp_path):
    ran = run_worker("transformers", "/bin/false", tmp_path, settings=ENGINES["transformers"], most_s=20)
    assert (ran.payload, ran.reason) == (None, "exit code 1: no output")


def test_modules_are_looked_for_in_the_python_that_was_named():
    assert is_installed(sys.executable, "json")
    assert not is_installed(sys.executable, "no_such_module_anywhere")
    assert not is_installed("/nowhere/python", "json")


def test_the_newest_environment_for_cuda_is_taken_where_this_python_has_no_engine(tmp_path):
    assert python_of("no_such_engine", tmp_path) == sys.executable
    for time_s, name in enumerate(["no_such_engine-cuda-b", "no_such_engine-cuda-a", "no_such_engine-cpu-c"]):
        program = tmp_path / "environments" / name / "venv" / "bin" / "python"
        program.parent.mkdir(parents=True)
        program.touch()
        os.utime(program, (time_s, time_s))
    assert "no_such_engine-cuda-a" in python_of("no_such_engine", tmp_path)
    assert python_of("json", tmp_path) == sys.executable


def test_the_whole_command_with_a_driver_that_tells_little(tmp_path, monkeypatch, capsys):
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler")
    library = tmp_path / "libfake-nvml.so"
    fake = WORKERS / "kits" / "conformance" / "fake-nvml.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, fake], check=True)
    monkeypatch.setattr(command, "IDLE_WINDOW_S", 1.0)
    arguments = ["--json", "--transformers-python", "/bin/false", "--vllm-python", "/bin/false"]
    # The counter of this driver moves, but a window of a second is no window.
    assert command.main(arguments, library=str(library)) == 1
    told = json.loads(capsys.readouterr().out)
    states = {check["name"]: (check["state"], check["detail"]) for check in told["checks"]}
    assert states["transformers"] == ("not run", "/bin/false has no torch: give --transformers-python")
    assert states["vllm"][0] == "not run"
    assert states["energy counter"][0] == "failed"
    assert "10 are needed" in states["energy counter"][1]
    assert states["throttling"] == ("not run", "the driver gives no reasons for the clocks")
    assert states["memory given back"][0] == "held"
