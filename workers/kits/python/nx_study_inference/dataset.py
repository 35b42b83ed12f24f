"""Prompts or conversations of a file, read and ordered by the rules of the worker `endpoint`."""

import hashlib
import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nx_study_worker import Unsupported

from .dataset_forms import EXAMPLES, MOST_OF_A_VALUE, Form, Message, Turn, turns_of_entry


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said before an answer; `place` is its file, and line or number."""

    place: str
    messages: list[Message]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Entries in the order in which they are used; `skipped` conversations have no user who says anything."""

    name: str
    form: Form
    entries: list[Entry]
    skipped: int


def refuse_two_files(configuration: Mapping[str, Any]) -> None:
    """Refuse a configuration that takes its prompts from two files."""
    if configuration.get("dataset") is not None and configuration.get("prompts") is not None:
        raise Unsupported("dataset: `prompts` is set, too: leave one of them out")


def read_dataset(asked: Mapping[str, Any], seed: int) -> Dataset:
    """Read a dataset as its setting asks; `seed` draws a seeded order.

    What is wrong raises `Unsupported` with file, line, path and value.
    """
    path, form = Path(asked["file"]), asked["form"]
    entries: list[Entry] = []
    skipped = 0
    for place, value in _values_of(path):
        if turns := turns_of_entry(form, value, place):
            entries.append(Entry(place, _before_answer(form, turns)))
        else:
            skipped += 1
    if not entries:
        raise Unsupported(
            f"dataset: {path.name} has no entry with a prompt; in the form {form} one is {EXAMPLES[form]}"
        )
    if asked["order"] == "seeded":
        entries = [entries[index] for index in seeded_order(len(entries), seed)]
    return Dataset(path.name, form, entries, skipped)


def seeded_order(count: int, seed: int) -> list[int]:
    """Indices of entries in the order that the seed draws."""
    return sorted(
        range(count), key=lambda index: hashlib.sha256(f"{seed}/dataset/{index}".encode()).hexdigest()
    )


def _before_answer(form: Form, turns: list[Turn]) -> list[Message]:
    """All messages up to the last answer; of a ShareGPT conversation the first question, as elsewhere."""
    *before, last = turns[:1] if form == "sharegpt" else turns
    messages: list[Message] = []
    for turn in before:
        messages += [*turn.messages, {"role": "assistant", "content": str(turn.answer)}]
    return messages + last.messages


def _values_of(path: Path) -> Iterator[tuple[str, Any]]:
    text = _text_of(path)
    whole = None if re.search(r"\.(jsonl|ndjson)$", path.name, re.IGNORECASE) else _parsed(text)
    if whole is not None and isinstance(whole[0], list):
        for number, value in enumerate(whole[0], start=1):
            yield f"{path.name}, entry {number}", value
        return
    for number, written in enumerate(text.split("\n"), start=1):
        line, place = written.removesuffix("\r"), f"{path.name}, line {number}"
        if not line.strip():
            continue
        if (found := _parsed(line)) is None:
            raise Unsupported(f"dataset: {place} is no JSON: {line[:MOST_OF_A_VALUE]}")
        yield place, found[0]


def _text_of(path: Path) -> str:
    try:
        written = path.read_bytes().removeprefix(BOM_UTF8)
    except OSError as error:
        raise Unsupported(f"dataset: {path} is not a readable text ({error})") from error
    try:
        return written.decode()
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        message = f"dataset: {path.name}, line {line} is not UTF-8: save the file as UTF-8"
        raise Unsupported(message) from error


def _parsed(text: str) -> tuple[Any] | None:
    try:
        return (json.loads(text, parse_constant=_no_json),)
    except (ValueError, RecursionError):
        return None


def _no_json(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
