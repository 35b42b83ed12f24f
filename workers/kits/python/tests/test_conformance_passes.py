"""The whole measurements that every kit must perform alike."""

import json
import re
from types import SimpleNamespace

from kit_cases import cases, near
from kit_engine import measured

from nx_study_inference import Engine, Generated, loading, passes, rows

MACHINES = re.compile(r"(^|\.)(rss|pss)_\w+$|^versions$")


class Scripted(Engine):
    """An engine of a case, what it was called for, and a clock that moves only while it works."""

    name = "scripted"

    def __init__(self, script):
        super().__init__()
        self.script, self.calls, self.now_s = script, [], 0.0
        self.left = {name: iter(script[name]) for name in ("generate_s", "prefill_s")}
        self.prefill_method = script["prefill_method"]

    def work(self, seconds):
        self.now_s += seconds
        return seconds

    def next(self, name):
        return self.work(next(self.left[name], self.script[name][-1]))

    def log(self, name, prompts, suffix=""):
        self.calls.append(f"{name} {len(prompts)}x{len(prompts[0])}{suffix}")

    def import_modules(self):
        self.work(self.script["import_s"])

    def read_model(self):
        self.work(self.script["read_s"])

    def make_context(self, workloads):
        self.calls.append(f"context for {len(workloads)}")
        self.work(self.script["context_s"] or 0)
        return "no context of its own" if self.script["context_s"] is None else None

    def describe_model(self):
        return {"format": "gguf", "weights": "real", "parameters": 135}

    def allowed_ids(self):
        return range(100, 200)

    def reset(self):
        self.calls.append("reset")

    def generate(self, prompts, new_tokens):
        self.log("generate", prompts, f"+{new_tokens}")
        seconds = self.next("generate_s")
        times_s = [seconds * (k + 1) / new_tokens for k in range(new_tokens)]
        each = [new_tokens] * len(prompts)
        if not self.script.get("own_counts"):
            return Generated([times_s], each)
        return Generated([times_s] * len(prompts), each, [len(prompt) for prompt in prompts])

    def prefill(self, prompts):
        self.log("prefill", prompts)
        return self.next("prefill_s")


@cases("passes.json")
def test_measurement(case, tmp_path, monkeypatch):
    engine = Scripted(case["engine"])
    for module in (loading, passes):
        monkeypatch.setattr(module, "clock_s", lambda: engine.now_s)
    monkeypatch.setattr(passes, "ORIGIN_S", 0.0)
    monkeypatch.setattr(rows, "time", SimpleNamespace(monotonic=lambda: engine.now_s))
    payload = measured(
        tmp_path, engine, seed=case["seed"], assets=case.get("assets", {}), **case["configuration"]
    )
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    expect = case["expect"]
    for row in expect["payload"]["workloads"]:
        row["warmup"]["cv"] = near(row["warmup"]["cv"])
    assert {
        "phases": [event["phase"] for event in events if event["event"] == "phase"],
        "calls": engine.calls,
        "progress": [
            {name: event[name] for name in ("done", "total", "unit")}
            for event in events
            if event["event"] == "progress"
        ],
        "payload": without_machine(payload),
    } == expect


def without_machine(value):
    """A payload without what differs from machine to machine."""
    if isinstance(value, list):
        return [without_machine(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {key: without_machine(inner) for key, inner in value.items() if not MACHINES.search(key)}
