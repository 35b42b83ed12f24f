"""What is wrong with the data or a setting about them, in words and with its place."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from nx_study_worker import InputProblem

MOST_LISTED = 20


class DataProblem(InputProblem):
    """Votes, legislators or a setting about them that can't be used."""

    def __init__(self, message: str, *, setting: str = "votes", **place: Any) -> None:
        super().__init__(message, setting=setting, **place)


def counted(counts: Mapping[str, int]) -> str:
    """`R (56), D (45), Indep (1)`: the most frequent first, and not more than can be read."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return listed(f"{name} ({count})" for name, count in ranked) or "nobody"


def listed(items: Iterable[str], most: int = MOST_LISTED) -> str:
    """The first items, and how many more there are."""
    found = list(items)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more


def did_you_mean(wanted: str, known: Iterable[str]) -> str:
    """The nearest name as a question with a blank before it; empty where none is near."""
    names = {name.casefold(): name for name in known}
    asked = wanted.strip().casefold()
    near = get_close_matches(asked, names, n=1, cutoff=0.6)
    # `Democrat` for `D`, and the other way round.
    short = [
        name
        for name in names
        if min(len(name), len(asked)) <= 3 and (name.startswith(asked) or asked.startswith(name))
    ]
    # `7` for `007`, as spreadsheets leave it.
    bare = [name for name in names if name.lstrip("0") == asked.lstrip("0") and name.isdecimal()]
    found = bare or near or (short if len(short) == 1 and asked else [])
    return f" Did you mean {names[found[0]]!r}?" if found else ""
