"""Votes and legislators from text files; what is wrong is named by file, line, column and value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .coding import Coding, Found, find_coding, normal, read_coding, report
from .columns import Source, candidates, choose, existing_column
from .csvfile import Table, read_table
from .people import Member, read_members, refuse_second
from .problems import DataProblem, did_you_mean

# A roll call has one of each; in files of several, numbers of roll calls begin again.
BODIES = ("congress", "chamber", "legislature", "session")


@dataclass(frozen=True)
class Votes:
    """Members × roll calls: 1 yea, 0 nay, None missing; the number of legislators; how it was read."""

    members: list[Member]
    rollcalls: list[str]
    cells: list[list[int | None]]
    legislators: int
    reading: dict[str, Any]


@dataclass(frozen=True)
class _Raw:
    """Ids, roll calls and the normal forms of cells, of whatever layout."""

    ids: list[tuple[str, int]]
    rollcalls: list[str]
    cells: list[list[str]]
    values: dict[str, Found]


def read_votes(source: Source) -> Votes:
    """Read both files. The column of ids has the same name in both."""
    coding = read_coding(source.coding)
    table = read_table(source.votes, f"{source.within}votes", source.separator)
    if len(table.header) < 2:
        raise table.problem(
            "expected an id column and at least one roll call, separated by comma, semicolon or tab",
            table.header_line,
        )
    columns = _long_columns(table, source)
    id_column = columns[0] if columns else source.columns.get("legislator") or table.header[0]
    existing_column(table, id_column)
    raw = _long(table, *columns) if columns else _wide(table, id_column)
    if not raw.ids:
        raise table.problem("no rows of votes")
    people = read_table(source.legislators, f"{source.within}legislators", source.separator)
    if not columns:
        _refuse_shared(table, raw.rollcalls, people)
    known = read_members(people, source, id_column)
    for id_, line in raw.ids:
        if id_ not in known:
            raise table.problem(
                f"{id_!r} is not in {source.legislators.name}.{did_you_mean(id_, known)}",
                line,
                id_column,
                id_,
            )
    chosen = coding or find_coding(raw.values, table.problem)
    _check_values(table, chosen, raw.values)
    return Votes(
        members=[known[id_] for id_, _ in raw.ids],
        rollcalls=raw.rollcalls,
        cells=[[chosen.vote(value) for value in row] for row in raw.cells],
        legislators=len(known),
        reading={
            "layout": "long" if columns else "wide",
            "separator": table.separator,
            "coding": report(chosen, raw.values, detected=coding is None),
        },
    )


def _check_values(table: Table, coding: Coding, values: Mapping[str, Found]) -> None:
    for value, found in values.items():
        if not coding.knows(value):
            raise table.problem(
                f"{found.text!r} is not {coding.described}, as `coding` says",
                found.line,
                found.column,
                found.text,
            )


def _wide(table: Table, id_column: str) -> _Raw:
    at = table.header.index(id_column)
    rollcalls = [name for index, name in enumerate(table.header) if index != at]
    ids: list[tuple[str, int]] = []
    cells: list[list[str]] = []
    values: dict[str, Found] = {}
    seen: dict[str, int] = {}
    for line, row in table.rows:
        refuse_second(table, line, id_column, row[at], seen)
        ids.append((row[at], line))
        texts = [text for index, text in enumerate(row) if index != at]
        cells.append([_note(values, text, line, name) for name, text in zip(rollcalls, texts, strict=True)])
    return _Raw(ids, rollcalls, cells, values)


def _long(table: Table, id_column: str, rollcall_column: str, vote_column: str) -> _Raw:
    places = [table.header.index(name) for name in (id_column, rollcall_column, vote_column)]
    votes: dict[str, dict[str, str]] = {}
    first: dict[str, int] = {}
    rollcalls: dict[str, None] = {}
    values: dict[str, Found] = {}
    lines: dict[tuple[str, str], int] = {}
    bodies = [at for at, name in enumerate(table.header) if name.casefold() in BODIES and at not in places]
    begun: dict[tuple[str, int], tuple[str, int]] = {}
    for line, row in table.rows:
        id_, rollcall, text = (row[at] for at in places)
        for column, value in ((id_column, id_), (rollcall_column, rollcall)):
            if not value:
                raise table.problem("empty id", line, column, value)
        for at in bodies:
            value, since = begun.setdefault((rollcall, at), (row[at], line))
            if row[at] != value:
                column = table.header[at]
                raise table.problem(
                    f"{row[at]!r}, but roll call {rollcall!r} has {value!r} on line {since}: two roll calls "
                    f"of one name. Keep one {column} in the file, or give each roll call a name of its own",
                    line,
                    column,
                    row[at],
                )
        if (id_, rollcall) in lines:
            raise table.problem(
                f"{id_!r} has already a vote on {rollcall!r}, on line {lines[id_, rollcall]}; a roll call "
                "of another chamber or term needs another name",
                line,
                vote_column,
                text,
            )
        lines[id_, rollcall] = line
        rollcalls[rollcall] = None
        first.setdefault(id_, line)
        votes.setdefault(id_, {})[rollcall] = _note(values, text, line, vote_column)
    cells = [[row.get(rollcall, "") for rollcall in rollcalls] for row in votes.values()]
    return _Raw(list(first.items()), list(rollcalls), cells, values)


def _refuse_shared(table: Table, rollcalls: list[str], people: Table) -> None:
    """A column of 0 and 1 beside the votes, such as `female`, would be a roll call like any other."""
    shared = [name for name in rollcalls if name in people.header]
    if shared:
        raise table.problem(
            f"column {shared[0]} is in {people.path.name} as well, so that it is no roll call; take it "
            "out here, or, if it has the ids, set `columns.legislator`",
            table.header_line,
            value=shared[0],
        )


def _note(values: dict[str, Found], text: str, line: int, column: str) -> str:
    value = normal(text)
    found = values.get(value)
    if found is None:
        found = values[value] = Found(text, line, column)
    found.count += 1
    return value


def _long_columns(table: Table, source: Source) -> tuple[str, str, str] | None:
    """The columns of legislator, roll call and vote; None for a file with a column for each roll call."""
    asked = [what for what in ("rollcall", "vote") if source.columns.get(what)]
    if source.layout == "wide":
        if asked:
            raise DataProblem(
                f"columns.{asked[0]}: with `layout: wide` each column is a roll call; leave it out",
                setting="columns",
            )
        return None
    named = all(candidates(table, source, what) for what in ("rollcall", "vote"))
    if source.layout == "auto" and not asked and not named:
        return None
    rollcall, vote = (choose(table, source, what) for what in ("rollcall", "vote"))
    legislator = choose(table, source, "legislator")
    at = table.header.index(legislator)
    if source.layout == "auto" and len({row[at] for _, row in table.rows}) == len(table.rows) > 0:
        raise table.problem(
            f"it has the columns {rollcall} and {vote}, as if each row were one vote, and no legislator "
            "has a second row; set `layout` to `wide` or `long`",
            table.header_line,
        )
    return legislator, rollcall, vote
