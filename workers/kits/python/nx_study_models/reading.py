"""What reading a model may end with."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nx_study_worker import Unsupported, failure_type


@contextmanager
def reading(model: Path) -> Iterator[None]:
    """What can't be read now never will be: Unsupported, unless memory or the disk is to blame."""
    try:
        yield
    except BaseException as error:
        # Of tokenizers, which is written in Rust: no Exception in Python.
        panic = type(error).__name__ == "PanicException"
        of_the_disk = isinstance(error, OSError) and error.errno is not None
        if not (panic or isinstance(error, Exception)) or of_the_disk or failure_type(error) != "crash":
            raise
        raise Unsupported(f"{model} can't be read: {type(error).__name__}: {error}") from error
