"""The quantities of interest: those of the model file, or else every variable that is one number."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from nx_study_posterior.derive.draws import Draws
from nx_study_posterior.derive.estimates import Quantity

# On screen, where the model file does not say which.
SHOWN = 4


def quantities(draws: Draws) -> list[Quantity]:
    """In the order of the model file."""
    if draws.attributes.get("derived_failure"):
        return []
    if draws.quantities.data_vars:
        return _with_main(
            [_computed(str(name), values) for name, values in draws.quantities.data_vars.items()]
        )
    return _with_main(
        [_scalar(str(name), values) for name, values in _all_draws(draws).items() if values.ndim == 2]
    )


def _all_draws(draws: Draws) -> xr.Dataset:
    """Of the variables that are one number."""
    return draws.scalars if draws.scalars.data_vars else draws.posterior


def _computed(name: str, values: xr.DataArray) -> Quantity:
    about = values.attrs
    return Quantity(
        name,
        str(about.get("label", name)),
        str(about.get("description", f"{name}, as the model file computes it")),
        np.asarray(values.values, dtype=float) if values.ndim else float(values),
        unit=str(about.get("unit", "")),
        main=bool(about.get("main", False)),
    )


def _scalar(name: str, values: xr.DataArray) -> Quantity:
    return Quantity(name, name, f"The variable {name}", np.asarray(values.values, dtype=float))


def _with_main(found: Sequence[Quantity]) -> list[Quantity]:
    if any(one.main for one in found):
        return list(found)
    return [replace(one, main=at < SHOWN) for at, one in enumerate(found)]
