"""result.json: the outcome, complete on disk or not there at all."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .json_text import json_text
from .request import PROTOCOL


@dataclass(frozen=True)
class Outcome:
    """What `measure` returns: the payload of the kind, and the names of further files beside it."""

    kind: str
    payload: Mapping[str, Any]
    files: Sequence[str] = field(default_factory=tuple)
    partial: bool = False


def write_result(directory: Path, outcome: Outcome) -> None:
    """Hash the side files, then write result.json."""
    write_json(
        directory / "result.json",
        {
            "protocol": PROTOCOL,
            "kind": outcome.kind,
            "partial": outcome.partial,
            "payload": outcome.payload,
            "files": [_describe(directory, file) for file in outcome.files],
        },
    )


def write_json(path: Path, value: Any) -> None:
    """Write a whole JSON file: temporary file, fsync, rename, fsync of the directory."""
    text = json_text(value, indent=1) + "\n"
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Flush a file or a directory to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _describe(directory: Path, file: str) -> dict[str, Any]:
    path = directory / file
    sync(path)  # result.json must never name a file whose bytes are still on their way
    with open(path, "rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {"path": file, "sha256": digest}
