"""How a child that makes a folder says why it failed: only its exit code reaches the worker."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from nx_study_worker import Unsupported, WorkerError, failure_type

CODES = {"unsupported": 3, "oom": 4}
SEE_LOG = "worker.log has its output"


@contextmanager
def telling_exit_code() -> Iterator[None]:
    """In the child: end with the code of the failure's type, where it has one."""
    try:
        yield
    except Exception as error:
        code = CODES.get(failure_type(error))
        if code is None:
            raise
        traceback.print_exc()
        raise SystemExit(code) from error


def failure_of(maker: str, code: int) -> Exception:
    """In the worker: what the exit code of `maker` means."""
    if code == -9:
        return MemoryError(f"{maker} was killed, most likely for its memory")
    if code == CODES["oom"]:
        return MemoryError(f"{maker} ran out of memory; {SEE_LOG}")
    if code == CODES["unsupported"]:
        return Unsupported(f"{maker}: not supported; {SEE_LOG}")
    return WorkerError(f"{maker} failed with exit code {code}; {SEE_LOG}")
