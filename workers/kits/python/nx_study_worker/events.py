"""events.jsonl: what happens while a measurement runs, one JSON object a line."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from .background import repeating
from .json_text import json_text


class Events:
    """Appends events; each is one `write` to a file opened for appending, so lines never interleave."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def phase(self, phase: str) -> None:
        """The measurement enters a phase."""
        self._append({"event": "phase", "phase": phase})

    def progress(
        self, done: float, total: float | None, unit: str, detail: dict[str, Any] | None = None
    ) -> None:
        """`done` of `total` units are finished; `total` is None when it is not known."""
        event = {"event": "progress", "done": done, "total": total, "unit": unit}
        self._append(event if detail is None else {**event, "detail": detail})

    def warning(self, code: str, message: str) -> None:
        """Something that a reader of the result should know."""
        self._append({"event": "warning", "code": code, "message": message})

    def heartbeat(self) -> None:
        """The process is alive though there is nothing to report."""
        self._append({"event": "heartbeat"})

    def failure(self, type: str, message: str, trace: str | None = None) -> None:
        """The measurement ends here, without a result."""
        self._append({"event": "failure", "type": type, "message": message, "traceback": trace})

    @contextmanager
    def heartbeats(self, every_s: float = 10.0) -> Iterator[None]:
        """Beat in the background: compilers and native code are silent for long stretches."""
        with repeating(self.heartbeat, every_s, "heartbeat"):
            yield

    def _append(self, event: dict[str, Any]) -> None:
        line = json_text({"t": round(time.time(), 3), **event})
        os.write(self._descriptor, line.encode() + b"\n")
