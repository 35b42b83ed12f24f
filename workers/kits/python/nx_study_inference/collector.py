"""Python's collector of cycles: it runs before a timed call, as `timeit` has it, and never within."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def keep_from_collector() -> None:
    """What is there by now is there to stay: from now on a collection looks only at what came after."""
    gc.collect()
    gc.freeze()


@contextmanager
def without_collector() -> Iterator[None]:
    """Collect now, and not again until the block ends."""
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
