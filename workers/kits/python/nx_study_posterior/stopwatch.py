"""The phases of a measurement and how long each took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from nx_study_worker import Run


class Stopwatch:
    """Tells the phases to the events and keeps how long each took."""

    def __init__(self, task: Run) -> None:
        self._task = task
        self.timings: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str, timing: str) -> Iterator[None]:
        """One phase; its seconds are added to `timings[timing]`."""
        self._task.events.phase(name)
        since = time.perf_counter()
        yield
        self.timings[timing] = round(self.timings.get(timing, 0) + time.perf_counter() - since, 4)
