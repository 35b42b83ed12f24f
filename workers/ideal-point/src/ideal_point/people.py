"""Legislators from a text file."""

import unicodedata
from dataclasses import dataclass

from .columns import Source, choose, existing_column
from .csvfile import Table

# Of who votes in one chamber only: two of them lie the other way round than the rest by chance too easily.
OWN_MIN = 3


@dataclass(frozen=True)
class Member:
    """One legislator who votes, as the legislators file says."""

    id: str
    name: str
    party: str
    # Who is the same person in several chambers or terms has the same.
    person: str


def read_members(table: Table, source: Source, id_column: str) -> dict[str, Member]:
    """Legislators by id."""
    existing_column(table, id_column, ". The column of ids has the same name in both files")
    places = [
        table.header.index(id_column),
        *(table.header.index(choose(table, source, what)) for what in ("name", "party")),
    ]
    person_column = source.columns.get("person")
    person_at = table.header.index(existing_column(table, person_column)) if person_column else places[0]
    members: dict[str, Member] = {}
    seen: dict[str, int] = {}
    persons: dict[str, int] = {}
    spellings: dict[str, tuple[str, int]] = {}
    for line, row in table.rows:
        id_, name, party = (row[at] for at in places)
        refuse_second(table, line, id_column, id_, seen)
        column = table.header[places[2]]
        if not party:
            raise table.problem("empty. Name the party, or write a word such as `none`", line, column, party)
        _refuse_other_spelling(table, line, column, party, spellings)
        person = row[person_at]
        if person_at != places[0]:
            refuse_second(table, line, table.header[person_at], person, persons)
        members[id_] = Member(id_, name, party, person)
    return members


def _refuse_other_spelling(
    table: Table, line: int, column: str, party: str, spellings: dict[str, tuple[str, int]]
) -> None:
    """`d` beside `D` would be a party of its own, whose members no setting names."""
    visible = "".join(sign for sign in party.casefold() if unicodedata.category(sign) != "Cf")
    spelling, first = spellings.setdefault(" ".join(visible.split()), (party, line))
    if spelling != party:
        raise table.problem(
            f"{party!r} and {spelling!r} on line {first} differ in case, blanks or invisible signs only; "
            "spell them alike",
            line,
            column,
            party,
        )


def refuse_second(table: Table, line: int, column: str, value: str, seen: dict[str, int]) -> None:
    """An id names one row."""
    if not value:
        raise table.problem("empty id", line, column, value)
    if value in seen:
        hint = (
            ". Where each row is one vote, set `layout` to `long`, and `columns`"
            if table.setting.endswith("votes")
            else ""
        )
        raise table.problem(f"{value!r} is already on line {seen[value]}{hint}", line, column, value)
    seen[value] = line
