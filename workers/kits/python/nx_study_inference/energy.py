"""Energy of a window of generating, and of idling in the same process; counters only, never an estimate."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .counters import Counter, Reading, Window
from .sources import Sources

SHORTEST_WINDOW_S = 10  # NVML's counter moves about ten times a second, RAPL's a thousand times
LOOK_S = 1.0  # often enough to tell a wrap from a counter that started again
WATCH_S = 10.0  # within a call: the smallest range in use, 65 kJ, is half full after that long at 3 kW only


@dataclass(frozen=True)
class Idle:
    """Power of each counter while the process sleeps with the model loaded."""

    window_s: float = 0
    energy: Mapping[str, Reading] = field(default_factory=dict)

    def power_w(self, name: str) -> float | None:
        """Mean power, or None where the counter told nothing."""
        reading = self.energy.get(name)
        return None if reading is None or reading.joules is None else reading.joules / self.window_s


def idle_energy(sources: Sources, window_s: float, sleep: Callable[[float], None] = time.sleep) -> Idle:
    """Sleep for `window_s` and read the counters meanwhile."""
    window, start = Window(sources.counters), time.perf_counter()
    window.sample()
    while (left := start + window_s - time.perf_counter()) > 0:
        sleep(min(LOOK_S, left))
        window.sample()
    return Idle(time.perf_counter() - start, window.energy())


def energy_pass(
    call: Callable[[int], tuple[int, int]],
    sources: Sources,
    idle: Idle,
    window_s: float,
    clock: Callable[[], float] = time.perf_counter,
    watch_s: float = WATCH_S,
) -> dict[str, Any]:
    """Call again and again until the window is full; `call` returns its (output, prompt) tokens."""
    window = Window(sources.counters)
    iteration = output_tokens = prompt_tokens = 0
    elapsed_s = looked_s = 0.0
    start_s = clock()
    window.sample()
    with window.watched(watch_s):
        while elapsed_s < window_s:
            output, prompt = call(iteration)
            elapsed_s = clock() - start_s
            if elapsed_s >= min(window_s, looked_s + LOOK_S):
                window.sample()
                looked_s = elapsed_s
            output_tokens += output
            prompt_tokens += prompt
            iteration += 1
    if elapsed_s < SHORTEST_WINDOW_S:
        return unavailable("window_too_short")
    energy = window.energy()
    measured = [counter for counter in sources.counters if energy[counter.name].joules is not None]
    failed = {name: reading.reason for name, reading in energy.items() if reading.reason}
    if not measured:
        return unavailable(next(iter(failed.values())))
    return {
        "status": "measured",
        "window_s": round(elapsed_s, 6),
        "window_output_tokens": output_tokens,
        "window_prompt_tokens": prompt_tokens,
        "domains": [_domain(counter, energy[counter.name], idle) for counter in measured],
        "idle": _idle(measured, idle),
        "missing": {**sources.missing, **failed},
    }


def unavailable(reason: str) -> dict[str, Any]:
    """No energy, and why."""
    return {"status": "unavailable", "reason": reason}


def _domain(counter: Counter, reading: Reading, idle: Idle) -> dict[str, Any]:
    power_w = idle.power_w(counter.name)
    return {
        "name": counter.name,
        "source": counter.source,
        "scope": counter.scope,
        "joules": reading.joules,
        "samples": reading.samples,
        "idle_w": None if power_w is None else round(power_w, 6),
    }


def _idle(measured: Sequence[Counter], idle: Idle) -> dict[str, Any]:
    readings = {counter.name: idle.energy.get(counter.name) for counter in measured}
    reasons = [
        f"{name}: {reading.reason}" for name, reading in readings.items() if reading and reading.reason
    ]
    return {
        "method": "this process, model loaded, asleep before the first call",
        "window_s": round(idle.window_s, 6),
        "reason": "; ".join(reasons) or None,
    }
