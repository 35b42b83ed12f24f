"""Looking again and again while something else runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nx_study_worker.background import repeating


@contextmanager
def sampled(look: Callable[[], None], period_s: float) -> Iterator[None]:
    """Look at the begin, at the end, and meanwhile in a thread."""
    look()
    try:
        with repeating(look, period_s, "sampling"):
            yield
    finally:
        look()
