"""Energy from counters that only ever grow, wrap at their range, or start again."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Scope = Literal["device", "package", "core", "dram", "platform"]


@dataclass(frozen=True)
class Counter:
    """A counter of energy; `read` gives µJ. `range_uj` is where it wraps, None where it never does."""

    name: str
    source: Literal["nvml-counter", "rapl"]
    scope: Scope
    read: Callable[[], int]
    range_uj: int | None


@dataclass(frozen=True)
class Reading:
    """Energy of one counter over a window: `joules`, or the `reason` why there is none."""

    joules: float | None
    reason: str | None
    samples: int


def energy_of(readings: Sequence[int], range_uj: int | None) -> Reading:
    """Sum the steps between readings in µJ; a counter that started again, or stood still, tells nothing."""
    total = 0
    for before, after in pairwise(readings):
        step = _step(before, after, range_uj)
        if step is None:
            return Reading(None, "counter_reset", len(readings))
        total += step
    if total == 0:
        return Reading(None, "counter_did_not_move", len(readings))
    return Reading(total / 1e6, None, len(readings))


def _step(before: int, after: int, range_uj: int | None) -> int | None:
    """µJ between two readings, None when the counter started again.

    Readings follow each other quickly: a wrap that would mean more than half of the range is none.
    """
    if after >= before:
        return after - before
    if range_uj is None or after + range_uj - before > range_uj / 2:
        return None
    return after + range_uj - before


class Window:
    """Reads all counters together, again and again; one that can't be read is out of the game."""

    def __init__(self, counters: Sequence[Counter]) -> None:
        self._counters = counters
        self._readings: dict[str, list[int]] = {counter.name: [] for counter in counters}
        self._unreadable: dict[str, str] = {}
        self._reading = threading.Lock()

    def sample(self) -> None:
        """Read every counter once."""
        self._read(self._counters)

    @contextmanager
    def watched(self, every_s: float) -> Iterator[None]:
        """Meanwhile also read those that wrap: one call may last longer than a wrap."""
        wrapping = [counter for counter in self._counters if counter.range_uj is not None]
        over = threading.Event()

        def watch() -> None:
            while not over.wait(every_s):
                self._read(wrapping)

        thread = threading.Thread(target=watch, daemon=True)
        if wrapping:
            thread.start()
        try:
            yield
        finally:
            over.set()
            if wrapping:
                thread.join()

    def _read(self, counters: Sequence[Counter]) -> None:
        with self._reading:  # readings must stand in the order of time
            for counter in counters:
                if counter.name in self._unreadable:
                    continue
                try:
                    self._readings[counter.name].append(counter.read())
                except (OSError, ValueError) as error:
                    self._unreadable[counter.name] = f"counter_unreadable: {error}"

    def energy(self) -> dict[str, Reading]:
        """Energy between the first and the last reading, by the counter's name."""
        return {counter.name: self._energy(counter) for counter in self._counters}

    def _energy(self, counter: Counter) -> Reading:
        readings = self._readings[counter.name]
        if reason := self._unreadable.get(counter.name):
            return Reading(None, reason, len(readings))
        return energy_of(readings, counter.range_uj)
