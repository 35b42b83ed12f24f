"""What the draws were made with."""

import platform
from importlib.metadata import version

PACKAGES = ("pymc", "nutpie", "pytensor", "numba", "numpy", "arviz")


def versions() -> dict[str, str]:
    """Interpreter and packages."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
