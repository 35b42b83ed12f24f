"""The quantities of interest: those of the model file, or else every variable that is one number."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nx_study_posterior.derive.draws import Draws
from nx_study_posterior.derive.estimates import Quantity

# On screen, where the model file does not say which.
SHOWN = 4


def quantities(draws: Draws) -> list[Quantity]:
    """In the order of the model file."""
    found = [
        Quantity(str(name), str(name), f"The variable {name}", np.asarray(values.values, dtype=float))
        for name, values in draws.posterior.data_vars.items()
        if values.ndim == 2
    ]
    return _with_main(found)


def _with_main(found: Sequence[Quantity]) -> list[Quantity]:
    if any(one.main for one in found):
        return list(found)
    return [replace(one, main=at < SHOWN) for at, one in enumerate(found)]
