"""Failures that a worker raises on purpose: their message is for people."""


class WorkerError(Exception):
    """The measurement can't be done as asked; `type` is one of the protocol's failure types."""

    type = "crash"


class Unsupported(WorkerError):
    """This configuration can never work here: trying again changes nothing."""

    type = "unsupported"


def failure_type(error: BaseException) -> str:
    """The protocol's failure type; memory that ran out may be the cause of another error."""
    seen = error
    while seen is not None:
        if _is_about_memory(seen):
            return "oom"
        if isinstance(seen, WorkerError):
            return seen.type
        seen = seen.__cause__ or seen.__context__
    return "crash"


def _is_about_memory(error: BaseException) -> bool:
    """Python's own error, or PyTorch's: for devices a class, for the host a text of its allocator."""
    known = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return known or "DefaultCPUAllocator" in str(error)
