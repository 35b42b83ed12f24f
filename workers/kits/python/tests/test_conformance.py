"""The cases that every kit must decide alike."""

import json
from itertools import accumulate
from pathlib import Path

import pytest

from nx_study_inference.counters import energy_of
from nx_study_inference.decisions import MeasureRules, WarmupRules, stopped_by, warmup_verdict
from nx_study_inference.prompts import prompt_ids, prompt_lines
from nx_study_inference.workloads import workload_order

CASES = Path(__file__).resolve().parents[2] / "conformance"


def cases(file, key="cases"):
    found = json.loads((CASES / file).read_text())[key]
    return pytest.mark.parametrize("case", found, ids=[case["name"] for case in found])


def near(value):
    return value if value is None else pytest.approx(value, rel=0, abs=5e-11)


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


@cases("order.json")
def test_workload_order(case):
    assert workload_order(case["seed"], case["count"]) == case["expect"]


@cases("energy.json")
def test_energy(case):
    reading, expect = energy_of(case["readings_uj"], case["range_uj"]), case["expect"]
    assert reading.joules == near(expect["joules"])
    assert (reading.reason, reading.samples) == (expect["reason"], expect["samples"])
