"""Data files as text and bytes: whether each can be read by its ending; standard library only."""

import csv
import json
from pathlib import Path
from typing import NoReturn

from nx_study_worker import InputProblem

SEPARATORS = {".csv": ",", ".tsv": "\t"}
# What files of an ending begin with.
BEGINNINGS = {".parquet": b"PAR1", ".npz": b"PK", ".npy": b"\x93NUMPY"}
FORMATS = (*SEPARATORS, ".json", *BEGINNINGS)


def check_file(name: str, path: Path) -> None:
    """Raise InputProblem where the file can't be read as its ending says."""
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise _problem(name, path, f"a file must end in one of {', '.join(FORMATS)}")
    try:
        if ending in SEPARATORS:
            _check_table(name, path, SEPARATORS[ending])
        elif ending == ".json":
            json.loads(path.read_bytes(), parse_constant=_refuse_constant)
        else:
            _check_beginning(name, path, BEGINNINGS[ending])
    except OSError as error:
        raise _problem(name, path, str(error.strerror)) from error
    except UnicodeDecodeError as error:
        raise _problem(name, path, f"not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except json.JSONDecodeError as error:
        raise _problem(name, path, f"this is no JSON: {error.msg}", error.lineno) from error
    except ValueError as error:
        raise _problem(name, path, f"this is no JSON: {error}") from error


def _check_table(name: str, path: Path, separator: str) -> None:
    """A header of different names, and rows as long: pandas would rename, shift or fill up without a word."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=separator)
        try:
            header = next(rows, [])
            _check_header(name, path, header)
            for row in rows:
                if row and len(row) != len(header):
                    message = f"{len(row)} fields, expected {len(header)}, as in the header"
                    raise _problem(name, path, message, rows.line_num)
        except csv.Error as error:
            raise _problem(name, path, str(error), rows.line_num) from error


def _check_header(name: str, path: Path, header: list[str]) -> None:
    if not header:
        raise _problem(name, path, "there is no header", 1)
    for at, column in enumerate(header):
        if not column.strip():
            raise _problem(name, path, f"column {at + 1} has no name", 1)
        if header.index(column) < at:
            raise _problem(name, path, f"column {column!r} appears twice", 1, column)


def _check_beginning(name: str, path: Path, beginning: bytes) -> None:
    with open(path, "rb") as file:
        if file.read(len(beginning)) != beginning:
            raise _problem(name, path, f"this is no {path.suffix} file")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name}; write null")


def _problem(
    name: str, path: Path, message: str, line: int | None = None, column: str | None = None
) -> InputProblem:
    return InputProblem(message, setting=f"data.{name}", file=path, line=line, column=column)
