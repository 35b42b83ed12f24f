"""Numbers for JSON: what is not finite becomes null, and why is written down."""

import math
from typing import Any


class Absences:
    """Collects a reason for every number that is not there."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    def add(self, path: str, reason: str) -> None:
        """The value at `path` is null because of `reason`."""
        self.reasons[path] = reason

    def number(self, path: str, value: Any, reason: str) -> float | None:
        """`value` as a float, or null with the reason."""
        number = float(value)
        if math.isfinite(number):
            return number
        self.add(path, reason)
        return None
