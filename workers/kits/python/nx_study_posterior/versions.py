"""What the draws were made with."""

import platform
from importlib.metadata import version

PACKAGES = ("pymc", "nutpie", "pytensor", "numba", "numpy", "arviz")


def versions(more: tuple[str, ...] = ()) -> dict[str, str]:
    """Interpreter and packages, with `more` packages of a sampler."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES + more}}
