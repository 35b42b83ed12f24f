"""Looking again and again while something else runs."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def sampled(look: Callable[[], None], period_s: float) -> Iterator[None]:
    """Look at the begin, at the end, and meanwhile in a thread."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(period_s):
            look()

    look()
    thread = threading.Thread(target=watch, name="sampling", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        look()
