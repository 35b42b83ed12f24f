"""What is wrong with a file that a study names, in words and with its place; standard library only."""

from pathlib import Path
from typing import Any

from nx_study_worker import Unsupported


class InputProblem(Unsupported):
    """A file that can't be used as the configuration says; the place is kept apart for programs."""

    def __init__(
        self,
        message: str,
        *,
        setting: str,
        file: Path | None = None,
        line: int | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        parts = [
            str(file) if file else "",
            f"line {line}" if line else "",
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


def _printable(text: str) -> str:
    """What is no visible sign, such as an escape sequence in a name, is written out."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
