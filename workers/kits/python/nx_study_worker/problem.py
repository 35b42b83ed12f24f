"""What is wrong with the input of a measurement, in words and with its place."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .errors import Unsupported


class InputProblem(Unsupported):
    """Input that can't be used as configured; the place is in the message, and apart for programs.

    `entry` is the number in a JSON array, from 1.
    """

    def __init__(
        self,
        message: str,
        *,
        setting: str,
        file: Path | None = None,
        line: int | None = None,
        entry: int | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        parts = [
            str(file) if file else "",
            f"line {line}" if line else "",
            f"entry {entry}" if entry else "",
            f"column {column}" if column else "",
        ]
        place = ", ".join(part for part in parts if part)
        super().__init__(_printable(f"{place}: {message}" if place else message))
        self.setting, self.file, self.line, self.column, self.value = setting, file, line, column, value

    def as_json(self) -> dict[str, Any]:
        """As the command `check` answers."""
        return {
            "path": self.setting,
            "message": str(self),
            "file": str(self.file) if self.file else None,
            "line": self.line,
            "column": self.column,
            "value": self.value,
        }


def problems_of(readers: Iterable[Callable[[], object]]) -> list[dict[str, Any]]:
    """What is wrong with the input that these readers read: of each the first problem."""
    problems: list[dict[str, Any]] = []
    for read in readers:
        try:
            read()
        except InputProblem as problem:
            problems.append(problem.as_json())
    return problems


def _printable(text: str) -> str:
    """What is no visible sign, such as an escape sequence in a name, is written out."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
