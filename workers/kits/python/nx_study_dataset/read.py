"""Prompts or conversations of a file, read and ordered."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .asked import before_answer, seeded_order
from .forms import EXAMPLES, MOST_OF_A_VALUE, Form, Message, turns_of_entry
from .text import Place, filled_lines, text_of


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said before an answer."""

    place: Place
    messages: list[Message]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Entries in the order in which they are used; `skipped` conversations have no user who says anything."""

    name: str
    form: Form
    entries: list[Entry]
    skipped: int


def read_dataset(asked: Mapping[str, Any], seed: int) -> Dataset:
    """Read a dataset as its setting asks; `seed` draws a seeded order."""
    path, form = Path(asked["file"]), asked["form"]
    entries, skipped = read_entries(path, form)
    if asked["order"] == "seeded":
        entries = [entries[index] for index in seeded_order(len(entries), seed)]
    return Dataset(path.name, form, entries, skipped)


def read_entries(path: Path, form: Form) -> tuple[list[Entry], int]:
    """Entries as they are written, and how many conversations have no user who says anything.

    What is wrong raises `InputProblem` with file, line, path and value.
    """
    of = Place("dataset.file", path)
    entries: list[Entry] = []
    skipped = 0
    for place, value in _values_of(of):
        if turns := turns_of_entry(form, value, place):
            entries.append(Entry(place, before_answer(form, turns)))
        else:
            skipped += 1
    if not entries:
        raise of.problem(f"it has no entry with a prompt; in the form {form} one is {EXAMPLES[form]}")
    return entries, skipped


def _values_of(of: Place) -> Iterator[tuple[Place, Any]]:
    text = text_of(of)
    whole = None if re.search(r"\.(jsonl|ndjson)$", of.file.name, re.IGNORECASE) else _parsed(text)
    if whole is not None and isinstance(whole[0], list):
        for number, value in enumerate(whole[0], start=1):
            yield replace(of, entry=number), value
        return
    for line in filled_lines(text, of):
        if (found := _parsed(line.text)) is None:
            shown = line.text[:MOST_OF_A_VALUE]
            raise line.place.problem(f"it is no JSON: {shown}", shown)
        yield line.place, found[0]


def _parsed(text: str) -> tuple[Any] | None:
    try:
        return (json.loads(text, parse_constant=_no_json),)
    except (ValueError, RecursionError):
        return None


def _no_json(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
