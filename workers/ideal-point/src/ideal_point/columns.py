"""Which column of a table has ids, names, parties, roll calls, votes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .csvfile import Table
from .problems import did_you_mean, listed

# Where the setting `columns` names none; letters' case does not count.
USUAL_COLUMNS = {
    "legislator": ("legislator", "legislator_id", "icpsr", "member", "member_id", "id"),
    "name": ("name", "bioname"),
    "party": ("party", "party_code"),
    "rollcall": ("rollcall", "roll_call", "rollnumber", "rollcall_id"),
    "vote": ("vote", "cast_code"),
}


@dataclass(frozen=True)
class Source:
    """What a configuration says of the two files."""

    votes: Path
    legislators: Path
    coding: Any
    layout: str
    separator: str
    columns: Mapping[str, str | None]
    # Where the settings of the two files are, such as `linked.0.`.
    within: str = ""
    # Of the chamber or term; None for that of the file.
    name: str | None = None

    @property
    def body(self) -> str:
        """The chamber's or term's name: `senate-109` for `senate-109.votes.csv`."""
        return self.name or self.votes.name.partition(".")[0]


def candidates(table: Table, source: Source, what: str) -> list[str]:
    """The columns that may have `what`."""
    if name := source.columns.get(what):
        return [name] if name in table.header else []
    return [name for name in table.header if name.casefold() in USUAL_COLUMNS[what]]


def choose(table: Table, source: Source, what: str) -> str:
    """The column that the setting names, or the only one with a usual name."""
    found = candidates(table, source, what)
    if len(found) == 1:
        return found[0]
    if name := source.columns.get(what):
        return existing_column(table, name)
    if not found:
        usual = USUAL_COLUMNS[what][0]
        raise table.problem(
            f"missing column {usual}; found {listed(table.header)}. Another name is set as `columns.{what}`",
            table.header_line,
        )
    raise table.problem(f"the {what} may be in {' or '.join(found)}; set `columns.{what}`", table.header_line)


def existing_column(table: Table, name: str, hint: str = "") -> str:
    """`name`, or a problem that lists the columns there are."""
    if name not in table.header:
        raise table.problem(
            f"missing column {name}; found "
            f"{listed(table.header) or 'nothing'}{hint}.{did_you_mean(name, table.header)}",
            table.header_line,
        )
    return name
