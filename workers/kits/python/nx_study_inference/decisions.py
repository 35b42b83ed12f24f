"""When warming up and measuring end: the same decisions in every kit, see `kits/conformance`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class WarmupRules:
    """`warmup` of a configuration; `window`: how many of the last samples are looked at.

    `target_cv` None asks for a fixed number of calls.
    """

    min_iterations: int
    max_iterations: int
    min_s: float
    max_s: float
    window: int
    target_cv: float | None


@dataclass(frozen=True, slots=True)
class WarmupVerdict:
    """`converged` is None when nothing was to converge, or `max_iterations` left too little to tell.

    Where `max_s` ended it with too little to tell, it is False.
    """

    stop: bool
    converged: bool | None
    cv: float | None


def warmup_verdict(rules: WarmupRules, samples: Sequence[float], elapsed_s: float) -> WarmupVerdict:
    """Decide whether warming up ends after the durations so far; ask with none before the first call."""
    cv = coefficient_of_variation(samples, rules.window)
    converged = None if rules.target_cv is None or cv is None else cv <= rules.target_cv
    if len(samples) >= rules.max_iterations:
        return WarmupVerdict(True, converged, cv)
    if len(samples) < rules.min_iterations or elapsed_s < rules.min_s:
        return WarmupVerdict(False, None, cv)
    if elapsed_s >= rules.max_s:
        return WarmupVerdict(True, None if rules.target_cv is None else converged or False, cv)
    stop = rules.target_cv is None or converged is True
    return WarmupVerdict(stop, converged if stop else None, cv)


def coefficient_of_variation(samples: Sequence[float], window: int) -> float | None:
    """Sample standard deviation over mean of the last `window` samples; None for fewer, or for one."""
    if window < 2 or len(samples) < window:
        return None
    last = samples[-window:]
    mean = sum(last) / window
    if mean == 0:
        return None
    return math.sqrt(sum((value - mean) ** 2 for value in last) / (window - 1)) / mean


@dataclass(frozen=True, slots=True)
class MeasureRules:
    """`measure` of a configuration."""

    iterations: int
    min_s: float
    max_s: float
    memory_iterations: int


def stopped_by(rules: MeasureRules, iterations: int, elapsed_s: float) -> Literal["enough", "max_s"] | None:
    """Why measuring ends after so many calls, or None: it goes on."""
    if iterations == 0:
        return None
    if iterations >= rules.iterations and elapsed_s >= rules.min_s:
        return "enough"
    return "max_s" if elapsed_s >= rules.max_s else None
