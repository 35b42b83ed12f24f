"""Which of vLLM's errors mean that memory ran out."""

from collections.abc import Iterator
from contextlib import contextmanager

# What vLLM says when it refuses to start for lack of memory.
REFUSALS = (
    "Available memory on node",
    "Free memory on device",
    "No available memory for the cache blocks",
    "larger than the available KV cache memory",
)


@contextmanager
def out_of_memory() -> Iterator[None]:
    """Turn torch's and vLLM's errors about memory into MemoryError."""
    try:
        yield
    except Exception as error:
        if is_about_memory(error):
            raise MemoryError(str(error)) from error
        raise


def is_about_memory(error: BaseException) -> bool:
    """Recognise torch's error by its name, since not every device has torch, and vLLM's by their text."""
    return type(error).__name__ == "OutOfMemoryError" or any(text in str(error) for text in REFUSALS)
