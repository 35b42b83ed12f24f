"""The passes over one workload. Nothing happens within a timed call but the call."""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal

from .collector import without_collector
from .decisions import MeasureRules, WarmupRules, WarmupVerdict, stopped_by, warmup_verdict
from .engine import Engine, Generated
from .prompts import Pass, Prompts
from .workloads import Workload

clock_s = time.perf_counter
MOST_PREPARED = 1000
FOR_TIME: Sequence[Pass] = ("warm-up", "generate")  # the other calls show the engine as it is used
ORIGIN_S = clock_s()  # all stamps of a result count from here


@dataclass(slots=True)
class Call:
    """One timed call; `elapsed_s` is the loop's own look at it."""

    start_s: float
    elapsed_s: float
    prompt_tokens: list[int]
    generated: Generated


@dataclass(slots=True)
class PrefillCall:
    """One timed forward pass; `elapsed_s` is the engine's."""

    start_s: float
    elapsed_s: float
    prompt_tokens: list[int]


class Passes:
    """Calls of one engine on one workload."""

    def __init__(self, engine: Engine, prompts: Prompts, workload: Workload) -> None:
        self._engine = engine
        self._prompts = prompts
        self._workload = workload
        self._ready: dict[tuple[Pass, int], list[list[int]]] = {}

    def prepare(self, name: Pass, calls: int) -> None:
        """Make the prompts of a pass ahead, where the time between calls counts, too."""
        for iteration in range(calls):
            self._ready[name, iteration] = self._prompts(self._workload, name, iteration)

    def call(self, name: Pass, iteration: int) -> Call:
        """Generate once from prompts of their own, all state forgotten."""
        prompts = self._ready.pop((name, iteration), None) or self._prompts(self._workload, name, iteration)
        self._engine.reset()
        with without_collector() if name in FOR_TIME else nullcontext():
            start_s = clock_s()
            generated = self._engine.generate(prompts, self._workload.new_tokens)
            elapsed_s = clock_s() - start_s
        lengths = generated.prompt_tokens or [len(prompt) for prompt in prompts]
        return Call(start_s - ORIGIN_S, elapsed_s, list(lengths), generated)

    def warm_up(self, rules: WarmupRules) -> tuple[list[float], WarmupVerdict]:
        """Call until the verdict says stop; returns the durations."""
        samples: list[float] = []
        start_s = clock_s()
        while not (verdict := warmup_verdict(rules, samples, clock_s() - start_s)).stop:
            samples.append(self.call("warm-up", len(samples)).elapsed_s)
        return samples, verdict

    def measure(
        self, rules: MeasureRules, progress: Callable[[int], None]
    ) -> tuple[list[Call], Literal["enough", "max_s"]]:
        """Call until there is enough, or time is up; `progress` is told between calls."""
        calls: list[Call] = []
        start_s = clock_s()
        while (reason := stopped_by(rules, len(calls), clock_s() - start_s)) is None:
            calls.append(self.call("generate", len(calls)))
            progress(len(calls))
        return calls, reason

    def prefill(self, rules: MeasureRules) -> list[PrefillCall]:
        """Read prompts only: as many times as `iterations` says, within `max_s`."""
        calls: list[PrefillCall] = []
        begin_s = clock_s()
        while len(calls) < rules.iterations and clock_s() - begin_s < rules.max_s:
            prompts = self._prompts(self._workload, "prefill", len(calls))
            self._engine.reset()
            with without_collector():
                start_s = clock_s()
                elapsed_s = self._engine.prefill(prompts)
            calls.append(PrefillCall(start_s - ORIGIN_S, elapsed_s, [len(prompt) for prompt in prompts]))
        return calls


def calls_within(window_s: float, calls: Sequence[Call]) -> int:
    """How many calls as fast as the fastest of these fill a window; bounded, for they are only prepared."""
    fastest_s = min(call.elapsed_s for call in calls)
    return math.ceil(min(MOST_PREPARED, window_s / fastest_s)) if fastest_s > 0 else MOST_PREPARED


def tokens_of(call: Call) -> tuple[int, int]:
    """Tokens produced, and tokens of prompts, in one call."""
    return sum(call.generated.new_tokens), sum(call.prompt_tokens)


def iteration_payload(call: Call) -> dict[str, Any]:
    """Round a call's times to µs, for the result."""
    return {
        "start_s": round(call.start_s, 6),
        "prompt_tokens": call.prompt_tokens,
        "new_tokens": list(call.generated.new_tokens),
        "token_times_s": [[round(time_s, 6) for time_s in times] for times in call.generated.token_times_s],
    }


def prefill_payload(call: PrefillCall) -> dict[str, Any]:
    """Round a forward pass's times to µs, for the result."""
    return {
        "start_s": round(call.start_s, 6),
        "elapsed_s": round(call.elapsed_s, 6),
        "prompt_tokens": call.prompt_tokens,
    }
