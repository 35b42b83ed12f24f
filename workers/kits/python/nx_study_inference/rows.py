"""All passes over one workload: a row of the payload."""

import time
from typing import Any

from nx_study_worker import Events, Run

from .decisions import MeasureRules, WarmupRules
from .engine import Engine
from .memory import MemoryPass
from .meter import Meter
from .passes import Passes, calls_within, iteration_payload, prefill_payload, tokens_of
from .prompts import Prompts
from .workloads import Workload

PROGRESS_PERIOD_S = 1.0


def measure_row(
    task: Run, engine: Engine, workload: Workload, prompts: Prompts, memory_pass: MemoryPass, meter: Meter
) -> tuple[dict[str, Any], dict[str, str]]:
    """Warm up, measure, read prompts only, look at memory, fill a window of energy; also reasons of nulls."""
    phase = task.events.phase
    rules = MeasureRules(**task.request.configuration["measure"])
    warmup = WarmupRules(**task.request.configuration["warmup"])
    passes = Passes(engine, prompts, workload)
    phase("warming-up")
    samples_s, verdict = passes.warm_up(warmup)
    phase("measuring")
    calls, stopped_by = passes.measure(rules, _Progress(task.events, rules.iterations))
    prefills, reasons = [], {}
    if engine.prefill_method is None:
        reasons["prefill"] = f"{engine.name} can't read a prompt without generating"
    else:
        phase("prefilling")
        prefills = passes.prefill(rules)
    phase("memory")
    memory, absent = memory_pass(lambda iteration: passes.call("memory", iteration), rules.memory_iterations)
    reasons.update({f"memory.{name}": reason for name, reason in absent.items()})
    row = {
        "mode": "offline",
        "batch_size": workload.batch_size,
        "prompt_tokens": workload.prompt_tokens,
        "new_tokens": workload.new_tokens,
        "warmup": {
            "samples_s": [round(sample_s, 6) for sample_s in samples_s],
            "converged": verdict.converged,
            "target_cv": warmup.target_cv,
            "cv": verdict.cv,
        },
        "stopped_by": stopped_by,
        "memory": memory,
        "energy": meter.energy(
            phase,
            lambda iteration: tokens_of(passes.call("energy", iteration)),
            lambda window_s: passes.prepare("energy", calls_within(window_s, calls)),
        ),
        "generate": [iteration_payload(call) for call in calls],
        "prefill": [prefill_payload(call) for call in prefills],
        "prefill_method": engine.prefill_method,
    }
    return row, reasons


class _Progress:
    """Events about once a second: a result of thousands of calls needs no event for each."""

    def __init__(self, events: Events, iterations: int) -> None:
        self._events = events
        self._iterations = iterations
        self._next_s = 0.0

    def __call__(self, done: int) -> None:
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + PROGRESS_PERIOD_S
        self._events.progress(done, max(done, self._iterations), "iterations")
