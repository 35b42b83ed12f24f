"""An engine that remembers how it was driven, and a run to drive it in."""

import time

from kit_schemas import problems_of

from nx_study_inference import Engine, Generated, measure_inference
from nx_study_worker import Events, Request, Run, Stop

WARMUP = {"min_iterations": 2, "max_iterations": 4, "min_s": 0, "max_s": 60, "window": 2, "target_cv": None}
MEASURE = {"iterations": 3, "min_s": 0, "max_s": 60, "memory_iterations": 2}


class Remembering(Engine):
    """Answers at once; every prompt that it ever saw is in `prompts`, every call in `calls`."""

    name = "remembering"
    prefill_method = "forward"

    def __init__(self, **changes):
        super().__init__()
        self.calls, self.prompts = [], []
        self.__dict__.update(changes)

    def import_modules(self):
        self.calls.append("import")

    def read_model(self):
        self.calls.append("read")

    def make_context(self, workloads):
        self.calls.append(f"context for {len(workloads)}")

    def describe_model(self):
        return {"format": "config", "weights": "random"}

    def allowed_ids(self):
        return range(100, 200)

    def encode(self, text):
        return [int(word) for word in text.split()]

    def chat_text(self, messages):
        roles = {"system": 1, "user": 2, "assistant": 3}
        return " ".join(f"{roles[message['role']]} {message['content']}" for message in messages) + " 3"

    def reset(self):
        self.calls.append("reset")

    def generate(self, prompts, new_tokens):
        self.calls.append(f"generate {len(prompts)}x{len(prompts[0])}+{new_tokens}")
        self.prompts.extend(prompts)
        start = time.perf_counter()
        times = [time.perf_counter() - start for _ in range(new_tokens)]
        return Generated([times], [len(times)] * len(prompts))

    def prefill(self, prompts):
        self.calls.append(f"prefill {len(prompts)}x{len(prompts[0])}")
        self.prompts.extend(prompts)
        return 0.25

    def close(self):
        self.calls.append("close")


def configuration(**changes):
    return {
        "model": "nothing",
        "batch_size": 2,
        "prompt_tokens": 8,
        "new_tokens": 4,
        "workloads": None,
        "prompts": None,
        "start": "warm",
        "warmup": WARMUP,
        "measure": MEASURE,
        "energy": None,
        **changes,
    }


def request(folder, seed=1, assets=(), **changes):
    return Request(
        protocol=1,
        study="s",
        id="one",
        label="one",
        repetition=1,
        take=1,
        digest="0" * 64,
        configuration=configuration(**changes),
        seed=seed,
        allowance={"cpus": 1},
        time_limit_s=None,
        cache_dir=str(folder / "cache"),
        assets=dict(assets),
        assets_dir=str(folder),
    )


def measured(folder, engine, powercap=None, **changes):
    """Measure in this process; returns the payload."""
    with Events(folder / "events.jsonl") as events:
        task = Run(folder, request(folder, **changes), events, Stop())
        outcome = measure_inference(task, engine, *([] if powercap is None else [powercap]))
        assert task.closing == [engine.close]
    assert outcome.kind == "llm-inference"
    assert problems_of("llm-inference.payload", outcome.payload) == []
    return outcome.payload
