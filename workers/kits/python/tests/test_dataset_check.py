"""The check of prompts, as workers run it: without an environment, by the reader that measures."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nx_study_dataset import read_dataset, read_prompts
from nx_study_dataset.check import check
from nx_study_worker import InputProblem

KITS = Path(__file__).resolve().parents[1]


def written(folder, name, text):
    path = folder / name
    path.write_text(text)
    return str(path)


def dataset(path, form="prompt"):
    return {"file": path, "form": form, "order": "as-written"}


def test_nothing_is_wrong_with_files_that_can_be_read_nor_with_none(tmp_path):
    fine = dataset(written(tmp_path, "a.jsonl", '"a"\n'))
    for configuration in (
        {"dataset": None, "prompts": None},
        {"dataset": fine, "prompts": None},
        {"dataset": None, "prompts": written(tmp_path, "a.txt", "a\n")},
    ):
        assert check(configuration) == {"problems": []}


def test_it_says_what_the_measurement_would_say(tmp_path):
    wrong = dataset(written(tmp_path, "a.jsonl", '"a"\n{"prompt": 3}\n'))
    empty = written(tmp_path, "a.txt", "\n")
    with pytest.raises(InputProblem) as of_dataset:
        read_dataset(wrong, 1)
    with pytest.raises(InputProblem) as of_prompts:
        read_prompts(Path(empty))
    assert check({"dataset": wrong, "prompts": None}) == {"problems": [of_dataset.value.as_json()]}
    assert check({"dataset": None, "prompts": empty}) == {"problems": [of_prompts.value.as_json()]}
    assert (of_dataset.value.line, of_dataset.value.value) == (2, "3")
    paths = [problem["path"] for problem in check({"dataset": wrong, "prompts": empty})["problems"]]
    assert paths == ["dataset", "dataset.file", "prompts"]


def test_it_needs_no_environment(tmp_path):
    configuration = {"dataset": dataset(str(tmp_path / "none.jsonl")), "prompts": None}
    answer = subprocess.run(
        [sys.executable, "-S", "-m", "nx_study_dataset.check"],
        input=json.dumps({"protocol": 1, "configuration": configuration}),
        env={"PYTHONPATH": str(KITS), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    [problem] = json.loads(answer.stdout)["problems"]
    assert problem["message"].startswith(f"{tmp_path / 'none.jsonl'}: it can't be read (")
