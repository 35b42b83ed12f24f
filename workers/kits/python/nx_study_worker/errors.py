"""Failures that a worker raises on purpose: their message is for people."""

import re

# What PyTorch and CUDA say; from another process it may come as text only.
OUT_OF_MEMORY = re.compile("OutOfMemoryError|out of memory|DefaultCPUAllocator", re.IGNORECASE)


class WorkerError(Exception):
    """The measurement can't be done as asked; `type` is one of the protocol's failure types."""

    type = "crash"


class Unsupported(WorkerError):
    """This configuration can never work here: trying again changes nothing."""

    type = "unsupported"


class Unavailable(WorkerError):
    """What it needs outside of itself isn't there, or refuses: a server, a key. Another try may find it."""

    type = "environment"


def failure_type(error: BaseException) -> str:
    """The protocol's failure type; memory that ran out may be the cause of another error."""
    seen: BaseException | None = error
    while seen is not None:
        if _is_about_memory(seen):
            return "oom"
        if isinstance(seen, WorkerError):
            return seen.type
        seen = seen.__cause__ or seen.__context__
    return "crash"


def _is_about_memory(error: BaseException) -> bool:
    said = f"{type(error).__name__}: {error}"
    return isinstance(error, MemoryError) or OUT_OF_MEMORY.search(said) is not None
