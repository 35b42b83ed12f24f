"""Which of vLLM's errors mean that memory ran out."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nx_study_worker.errors import OUT_OF_MEMORY

from .watch import ENDED

# What vLLM says when it refuses to start for lack of memory.
REFUSALS = re.compile(
    "Available memory on node .* is less than"
    "|Free memory on device .* is less than"
    "|No available memory for the cache blocks"
    "|larger than the available KV cache memory"
)
# An error in a process of vLLM's own comes as a pointer to what that process wrote.
POINTERS = ("root cause", ENDED)


@contextmanager
def out_of_memory(log: Path) -> Iterator[None]:
    """Turn vLLM's errors about memory into MemoryError; `log` has what its processes wrote."""
    try:
        yield
    except Exception as error:
        if said := _about_memory(str(error), log):
            raise MemoryError(said) from error
        raise


def _about_memory(said: str, log: Path) -> str | None:
    if REFUSALS.search(said):
        return said
    if not any(pointer in said for pointer in POINTERS) or not log.exists():
        return None
    with log.open(encoding="utf-8", errors="replace") as lines:
        found = (line for line in lines if REFUSALS.search(line) or OUT_OF_MEMORY.search(line))
        return next((line.rstrip("\n") for line in found), None)
