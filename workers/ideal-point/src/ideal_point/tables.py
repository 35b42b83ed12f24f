"""Votes and legislators from CSV files; what is wrong is named by file, line, column and value."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nx_study_worker import Unsupported

CELLS = {"1": 1.0, "0": 0.0, "": np.nan}


@dataclass(frozen=True)
class Member:
    """One row of the votes, with what the legislators file says about it."""

    id: str
    name: str
    party: str


@dataclass(frozen=True)
class Votes:
    """Members × roll calls: 1 yea, 0 nay, NaN missing; and how many legislators never appear in it."""

    members: list[Member]
    rollcalls: list[str]
    matrix: np.ndarray
    legislators: int


def read_votes(votes: Path, legislators: Path) -> Votes:
    """Read both files; the first column of the votes is the id, by the same name in the legislators file."""
    rows = _rows(votes)
    header_line, header = next(rows, (1, []))
    if len(header) < 2:
        raise Unsupported(f"{votes}, line {header_line}: expected an id column and at least one roll call")
    _refuse_repeated(votes, header_line, "column", header)
    known = _read_members(legislators, header[0])

    members: list[Member] = []
    cells: list[list[float]] = []
    seen: dict[str, int] = {}
    for line, row in rows:
        if len(row) != len(header):
            raise Unsupported(f"{votes}, line {line}: {len(row)} fields, expected {len(header)}")
        _refuse_second(votes, line, header[0], row[0], seen)
        if row[0] not in known:
            raise Unsupported(
                f"{votes}, line {line}, column {header[0]}: {row[0]!r} is not in {legislators.name}"
            )
        members.append(known[row[0]])
        cells.append([_cell(votes, line, *pair) for pair in zip(header[1:], row[1:], strict=True)])
    if not members:
        raise Unsupported(f"{votes}: no rows of votes")
    return Votes(members, header[1:], np.array(cells), legislators=len(known))


def _read_members(path: Path, id_column: str) -> dict[str, Member]:
    rows = _rows(path)
    line, header = next(rows, (1, []))
    _refuse_repeated(path, line, "column", header)
    if missing := [name for name in (id_column, "name", "party") if name not in header]:
        raise Unsupported(
            f"{path}, line {line}: missing column {', '.join(missing)}; found {', '.join(header)}"
        )
    id_at, name_at, party_at = (header.index(name) for name in (id_column, "name", "party"))

    members: dict[str, Member] = {}
    seen: dict[str, int] = {}
    for line, row in rows:
        if len(row) != len(header):
            raise Unsupported(f"{path}, line {line}: {len(row)} fields, expected {len(header)}")
        _refuse_second(path, line, id_column, row[id_at], seen)
        if not row[party_at]:
            raise Unsupported(f"{path}, line {line}, column party: empty")
        members[row[id_at]] = Member(row[id_at], row[name_at], row[party_at])
    return members


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Non-empty rows with the number of the line where they end."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            try:
                for row in reader:
                    if row:
                        yield reader.line_num, [field.strip() for field in row]
            except csv.Error as error:
                raise Unsupported(f"{path}, line {reader.line_num}: {error}") from error
    except OSError as error:
        raise Unsupported(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unsupported(f"{path}: not UTF-8 (byte {error.start})") from error


def _cell(path: Path, line: int, column: str, text: str) -> float:
    try:
        return CELLS[text]
    except KeyError:
        raise Unsupported(f"{path}, line {line}, column {column}: {text!r} is not 1, 0 or empty") from None


def _refuse_second(path: Path, line: int, column: str, value: str, seen: dict[str, int]) -> None:
    if not value:
        raise Unsupported(f"{path}, line {line}, column {column}: empty id")
    if value in seen:
        raise Unsupported(f"{path}, line {line}, column {column}: {value!r} is already on line {seen[value]}")
    seen[value] = line


def _refuse_repeated(path: Path, line: int, what: str, names: list[str]) -> None:
    for at, name in enumerate(names):
        if not name:
            raise Unsupported(f"{path}, line {line}: {what} {at + 1} has no name")
        if name in names[:at]:
            raise Unsupported(f"{path}, line {line}: {what} {name!r} appears twice")
