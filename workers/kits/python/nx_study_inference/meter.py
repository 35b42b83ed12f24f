"""Energy of the workloads of one process: sources once, idling once, then a window for each workload."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .energy import Idle, energy_pass, idle_energy, unavailable
from .sources import Sources, find_sources


class Meter:
    """Made when the model is loaded; `window_s` None: no energy was asked for."""

    def __init__(self, window_s: float | None, gpus: Sequence[int | str], powercap: Path) -> None:
        self._window_s = window_s
        self._sources = Sources() if window_s is None else find_sources(gpus, powercap)
        self._idle = Idle()

    def idle(self, phase: Callable[[str], None]) -> None:
        """Measure idling, where there is a counter."""
        if self._window_s is None or not self._sources.counters:
            return
        phase("idle")
        self._idle = idle_energy(self._sources, self._window_s)

    def energy(
        self,
        phase: Callable[[str], None],
        call: Callable[[int], tuple[int, int]],
        prepare: Callable[[float], None],
    ) -> dict[str, Any]:
        """Measure a window of calls, which return their (output, prompt) tokens: the payload's `energy`.

        `prepare` is called before with the seconds that the window takes.
        """
        if self._window_s is None:
            return unavailable("not asked for")
        if not self._sources.counters:
            return unavailable(self._sources.reason)
        phase("energy")
        prepare(self._window_s)
        return energy_pass(call, self._sources, self._idle, self._window_s)
