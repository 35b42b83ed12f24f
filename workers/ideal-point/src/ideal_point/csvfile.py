"""Rows of a delimited text file, each with its line; the separator is given, or found without a guess."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from .problems import DataProblem

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}

# Excel writes it into the first line of a file that it should read again.
EXCEL_HINT = re.compile(r"^sep=([,;\t])\s*$")


@dataclass(frozen=True)
class Table:
    """A header and rows of as many fields; fields are stripped and in Unicode's composed form (NFC)."""

    path: Path
    setting: str
    separator: str
    header_line: int
    header: list[str]
    rows: list[tuple[int, list[str]]]

    def problem(
        self, message: str, line: int | None = None, column: str | None = None, value: str | None = None
    ) -> DataProblem:
        """A problem of this file."""
        return DataProblem(
            message, setting=self.setting, file=self.path, line=line, column=column, value=value
        )


def read_table(path: Path, setting: str, separator: str) -> Table:
    """Read a whole file. `separator` is a key of SEPARATORS, or `auto`."""
    text = _read(path, setting)
    if hint := EXCEL_HINT.match(text.partition("\n")[0]):
        text = text[text.find("\n") :]
        separator = next(name for name, sign in SEPARATORS.items() if sign == hint[1])
    if separator == "auto":
        separator = _separator(path, setting, text)
    rows = _rows(path, setting, text, SEPARATORS[separator])
    line, header = next(rows, (1, []))
    table = Table(path, setting, separator, line, header, [])
    _check_header(table)
    for line, row in rows:
        if len(row) != len(header):
            raise table.problem(
                f"{len(row)} fields, expected {len(header)}, as in line {table.header_line}", line
            )
        table.rows.append((line, row))
    return table


def _read(path: Path, setting: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataProblem(str(error.strerror), setting=setting, file=path) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataProblem(
            f"not UTF-8 (byte {error.start}); save it as UTF-8", setting=setting, file=path, line=line
        ) from error


def _rows(path: Path, setting: str, text: str, sign: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, with the number of the line where they begin."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    begin = 1
    try:
        for row in reader:
            fields = [unicodedata.normalize("NFC", field).strip() for field in row]
            if len(fields) > 1 or fields[:1] not in ([], [""]):
                yield begin, fields
            begin = reader.line_num + 1
    except csv.Error as error:
        if str(error) == "unexpected end of data":
            words, line = "a quotation mark opens a field in this row, and none ends it", begin
        else:
            words, line = str(error), max(reader.line_num, 1)
        raise DataProblem(words, setting=setting, file=path, line=line) from error


def _separator(path: Path, setting: str, text: str) -> str:
    """The one that divides the header; where several do, the only one by which all rows are equally long."""
    first = {name: _widths(path, setting, text, sign, most=1) for name, sign in SEPARATORS.items()}
    dividing = [name for name, found in first.items() if found and found[0] > 1]
    if len(dividing) > 1:
        widths = {name: _widths(path, setting, text, SEPARATORS[name]) for name in dividing}
        even = [name for name in dividing if len(widths[name]) > 1 and len(set(widths[name])) == 1]
        if len(even) != 1:
            raise DataProblem(
                f"the first line has several signs that may separate its fields ({', '.join(dividing)}); "
                "set `separator`",
                setting=setting,
                file=path,
                line=1,
            )
        return even[0]
    return dividing[0] if dividing else "comma"


def _widths(path: Path, setting: str, text: str, sign: str, most: int | None = None) -> list[int]:
    """Numbers of fields of the first rows, or of all; it ends with -1 where the file can't be read so."""
    found: list[int] = []
    try:
        for _, row in islice(_rows(path, setting, text, sign), most):
            found.append(len(row))
    except DataProblem:
        if found:
            found.append(-1)
    return found


def _check_header(table: Table) -> None:
    seen: set[str] = set()
    for at, name in enumerate(table.header):
        if not name:
            raise table.problem(f"column {at + 1} has no name", table.header_line)
        if name in seen:
            raise table.problem(f"column {name!r} appears twice", table.header_line, value=name)
        seen.add(name)
