"""Prompts of exact length: seeded random ids, unique for each call and sequence, or texts of a file."""

import hashlib
import struct
from array import array
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Literal

from nx_study_dataset import Dataset, Entry, Line, read_prompts
from nx_study_worker import Unsupported, WorkerError

from .engine import Engine
from .workloads import Workload

Pass = Literal["first-call", "warm-up", "generate", "prefill", "memory", "energy"]
Prompts = Callable[[Workload, Pass, int], list[list[int]]]  # workload, pass, iteration → a prompt a sequence


def random_prompts(seed: int, allowed: Sequence[int]) -> Prompts:
    """Draw prompts from the `allowed` ids of the vocabulary."""
    if not allowed:
        raise WorkerError("the engine allows no token id in a prompt: allowed_ids() is empty")

    def prompts(workload: Workload, name: Pass, iteration: int) -> list[list[int]]:
        keys = (f"{seed}/{workload.index}/{name}/{iteration}/{row}" for row in range(workload.batch_size))
        return [prompt_ids(allowed, workload.prompt_tokens, key) for key in keys]

    return prompts


def prompt_ids(allowed: Sequence[int], length: int, key: str) -> list[int]:
    """Draw `length` ids: block b is the SHA-256 of `key/b`, read as eight big-endian integers."""
    blocks = (hashlib.sha256(f"{key}/{block}".encode()).digest() for block in range(-(-length // 8)))
    numbers = (number for block in blocks for number in struct.unpack(">8I", block))
    return [allowed[number % len(allowed)] for number, _ in zip(numbers, range(length), strict=False)]


def prompts_of_file(
    path: Path, encode: Callable[[str], Sequence[int]], longest: int, repeats: Callable[[str], None]
) -> Prompts:
    """Take the lines of a file in order, in each pass from the first, cut to the workload's length.

    `repeats` is told once when a pass has more sequences than the file has lines.
    """
    lines = [_encoded(line, encode, longest) for line in read_prompts(path)]
    return _in_turn(str(path), lines, repeats)


def prompts_of_dataset(
    dataset: Dataset, engine: Engine, longest: int, warn: Callable[[str, str], None]
) -> Prompts:
    """Take entries of a dataset as lines of a file are taken; shorter ones are repeated to the length.

    Conversations are written by the model's chat template. `warn` is told, with a code, what is left out,
    what is lengthened, and once when a pass has more sequences than the file has entries.
    """
    # Each entry once, however long prompts are: memory is measured beside them.
    encoded = [_encoded_entry(dataset, entry, engine)[:longest] for entry in dataset.entries]
    if dataset.skipped:
        warn(
            "dataset-skipped",
            f"{dataset.name}: no user says anything in {dataset.skipped} entries; they are left out",
        )
    if short := sum(len(ids) < longest for ids in encoded):
        warn(
            "prompts-lengthened",
            f"{dataset.name}: {short} of {len(encoded)} entries have fewer than {longest} tokens, "
            "and are repeated to that length",
        )
    return _in_turn(dataset.name, encoded, lambda message: warn("prompts-repeat", message))


def _in_turn(name: str, lines: Sequence[Sequence[int]], repeats: Callable[[str], None]) -> Prompts:
    told = False

    def prompts(workload: Workload, pass_name: Pass, iteration: int) -> list[list[int]]:
        nonlocal told
        if not told and (iteration + 1) * workload.batch_size > len(lines):
            told = True
            repeats(f"{name} has {len(lines)} prompts, and the pass {pass_name} uses them more than once")
        chosen = prompt_lines(len(lines), workload.batch_size, iteration)
        return [_repeated(lines[index], workload.prompt_tokens) for index in chosen]

    return prompts


def _repeated(ids: Sequence[int], length: int) -> list[int]:
    return list(islice(cycle(ids), length))


def prompt_lines(lines: int, batch_size: int, iteration: int) -> list[int]:
    """Tell which lines a call uses; after the last comes the first again."""
    return [(iteration * batch_size + row) % lines for row in range(batch_size)]


def _encoded(line: Line, encode: Callable[[str], Sequence[int]], longest: int) -> "array[int]":
    ids = array("I", encode(line.text))  # far smaller than a list
    if len(ids) < longest:
        raise line.place.problem(
            f"it has {len(ids)} tokens, and prompt_tokens asks for {longest}: "
            "lengthen the line or ask for fewer"
        )
    return ids[:longest]


def _encoded_entry(dataset: Dataset, entry: Entry, engine: Engine) -> "array[int]":
    is_chat = dataset.form != "prompt"
    try:
        text = engine.chat_text(entry.messages) if is_chat else entry.messages[0]["content"]
        ids = array("I", engine.encode(text))  # far smaller than a list
    except Unsupported as error:
        raise entry.place.problem(str(error)) from error
    if not ids:
        raise entry.place.problem("the tokenizer makes no token of it")
    return ids
