"""SIGTERM and Ctrl+C: die at once where nothing can be saved, finish in order where something can."""

import signal
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """The wish to stop. Before `defer()` signals keep their default effect, within native code too."""

    def __init__(self) -> None:
        self._signal: int | None = None

    def defer(self) -> None:
        """From now on only remember the signal: the worker polls `requested` and saves what it has."""
        for number in SIGNALS:
            signal.signal(number, self._remember)

    @property
    def requested(self) -> bool:
        """Someone asked to stop since `defer()`."""
        return self._signal is not None

    @property
    def exit_code(self) -> int:
        """What a shell shows for the signal: 143 for SIGTERM, 130 for SIGINT."""
        return 128 + (self._signal or signal.SIGTERM)

    def _remember(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number
