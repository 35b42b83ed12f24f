"""The cases that every kit must decide alike."""

import base64
from itertools import accumulate

import pytest
from kit_cases import cases, near

from nx_study_dataset import read_dataset
from nx_study_inference.decisions import MeasureRules, WarmupRules, stopped_by, warmup_verdict
from nx_study_inference.prompts import prompt_ids, prompt_lines, prompts_of_file
from nx_study_inference.workloads import Workload, workload_order, workloads_of
from nx_study_worker import InputProblem, Unsupported


@cases("warmup.json", "verdicts")
def test_warmup_verdict(case):
    verdict = warmup_verdict(WarmupRules(**case["rules"]), case["samples_s"], case["elapsed_s"])
    expect = case["expect"]
    assert verdict.stop is expect["stop"]
    assert verdict.converged is expect["converged"]
    assert verdict.cv == near(expect["cv"])


@cases("warmup.json", "courses")
def test_warmup_course(case):
    rules, durations = WarmupRules(**case["rules"]), case["durations_s"]
    elapsed = [0, *accumulate(durations)]
    verdicts = (warmup_verdict(rules, durations[:n], elapsed[n]) for n in range(len(durations) + 1))
    calls, verdict = next((n, verdict) for n, verdict in enumerate(verdicts) if verdict.stop)
    assert (calls, verdict.converged) == (case["expect"]["calls"], case["expect"]["converged"])


@cases("measuring.json")
def test_stopped_by(case):
    assert stopped_by(MeasureRules(**case["rules"]), case["iterations"], case["elapsed_s"]) == case["expect"]


@cases("prompts.json", "random")
def test_prompt_ids(case):
    allowed = case["allowed"].get("ids") or range(*case["allowed"]["range"])
    key = "/".join(str(case["key"][name]) for name in ("seed", "workload", "pass", "iteration", "sequence"))
    assert prompt_ids(allowed, case["length"], key) == case["expect"]


@cases("prompts.json", "lines")
def test_prompt_lines(case):
    assert prompt_lines(case["lines"], case["batch_size"], case["iteration"]) == case["expect"]


@cases("prompts.json", "files")
def test_prompts_of_file(case, tmp_path):
    path, expect, repeats = tmp_path / "prompts.txt", case["expect"], []
    path.write_bytes(base64.b64decode(case["base64"]) if "base64" in case else case["text"].encode())

    def make():
        return prompts_of_file(
            path, lambda line: [ord(character) for character in line], case["prompt_tokens"], repeats.append
        )

    if "error" in expect:
        with pytest.raises(Unsupported) as refusal:
            make()
        assert str(refusal.value) == f"{path}{expect['error']}"
        return
    prompts, workload = make(), Workload(0, case["batch_size"], case["prompt_tokens"], 1)
    made = [prompts(workload, "generate", iteration) for iteration in range(case["calls"])]
    assert ([prompt for call in made for prompt in call], len(repeats)) == (
        expect["prompts"],
        expect["repeats"],
    )


@cases("workloads.json")
def test_workloads(case):
    workloads = workloads_of(case["configuration"])
    assert [[one.batch_size, one.prompt_tokens, one.new_tokens] for one in workloads] == case["expect"]
    assert [one.index for one in workloads] == list(range(len(case["expect"])))


@cases("order.json")
def test_workload_order(case):
    assert workload_order(case["seed"], case["count"]) == case["expect"]


@cases("dataset.json")
def test_dataset(case, tmp_path):
    path, expect = tmp_path / case["file"], case["expect"]
    path.write_bytes(base64.b64decode(case["base64"]) if "base64" in case else case["text"].encode())
    asked = {"file": str(path), "form": case["form"], "order": case["order"]}
    if "error" in expect:
        with pytest.raises(InputProblem) as refusal:
            read_dataset(asked, case["seed"])
        assert refusal.value.as_json() == {
            "path": "dataset.file",
            "message": f"{path}{expect['error']}",
            "file": str(path),
            "line": expect["line"],
            "column": None,
            "value": expect["value"],
        }
        return
    dataset = read_dataset(asked, case["seed"])
    assert [entry.messages for entry in dataset.entries] == expect["entries"]
    assert dataset.skipped == expect["skipped"]
