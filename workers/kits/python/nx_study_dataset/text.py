"""The text of a file, its lines, and their places."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from nx_study_worker import InputProblem


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands: a line of a file, or an entry of a list in it; `setting` names the file."""

    setting: str
    file: Path
    line: int | None = None
    entry: int | None = None

    def problem(self, message: str, value: str | None = None) -> InputProblem:
        """What is wrong there."""
        return InputProblem(
            message, setting=self.setting, file=self.file, line=self.line, entry=self.entry, value=value
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end."""

    text: str
    place: Place


def filled_lines(text: str, of: Place) -> Iterator[Line]:
    """Lines that have more than blanks; a CR alone ends none."""
    for number, written in enumerate(text.split("\n"), start=1):
        line = written.removesuffix("\r")
        if line.strip():
            yield Line(line, replace(of, line=number))


def text_of(of: Place) -> str:
    """The text of a file, without a byte order mark.

    Raises `InputProblem` for one that can't be read, and with the line of what is not UTF-8.
    """
    try:
        written = of.file.read_bytes().removeprefix(BOM_UTF8)
    except OSError as error:
        raise of.problem(f"it can't be read ({error})") from error
    try:
        return written.decode()
    except UnicodeDecodeError as error:
        place = replace(of, line=written.count(b"\n", 0, error.start) + 1)
        raise place.problem("it is not UTF-8: save the file as UTF-8") from error
