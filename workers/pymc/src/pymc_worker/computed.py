"""The quantities of the model file's `derived`, computed from all draws before any is left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from nx_study_posterior.trimming import Trimmed
from nx_study_worker import Unsupported

from .model import OwnModel

ABOUT = ("label", "description", "unit", "main")


@dataclass(frozen=True)
class Computed:
    """`quantities` as (chain, draw) or one number; `failure` is why there are none where they were to be."""

    quantities: xr.Dataset | None = None
    failure: str | None = None

    @property
    def group(self) -> dict[str, xr.Dataset]:
        """As a group of `draws.nc`."""
        return {} if self.quantities is None else {"quantities": self.quantities}


def sampled_groups(trimmed: Trimmed, beside: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """What `derived` gets of a sampled posterior; empty where no draw was kept."""
    if trimmed.posterior is None:
        return {}
    return {"posterior": trimmed.posterior, "sample_stats": trimmed.sample_stats, **beside}


def compute(own: OwnModel, groups: Mapping[str, xr.Dataset]) -> Computed:
    """Call `derived` with `groups` as its trace; without any it is not called.

    What it raises must not cost the draws: it is told, and the draws are saved.
    """
    if not own.defines("derived") or not groups:
        return Computed()
    sizes = groups["posterior"].sizes
    shape = (sizes["chain"], sizes["draw"])
    try:
        found = own.call("derived", xr.DataTree.from_dict(dict(groups)))
        if not isinstance(found, Mapping):
            raise Unsupported(f"{own.path}: derived must return a dict, name → quantity")
        arrays = {name: _quantity(own, name, value, shape) for name, value in found.items()}
        return Computed(xr.Dataset(arrays))
    except Unsupported as error:
        return Computed(failure=str(error))


def _quantity(own: OwnModel, name: Any, value: Any, shape: tuple[int, int]) -> xr.DataArray:
    """`value` is an array or a number, or {"values": …} with any of ABOUT."""
    if not isinstance(name, str) or not 0 < len(name) <= 120 or "/" in name:
        raise Unsupported(
            f"{own.path}: derived names a quantity {name!r}; a name has 1 to 120 characters and no slash"
        )
    about = dict(value) if isinstance(value, Mapping) else {"values": value}
    values = about.pop("values", None)
    if unknown := sorted(set(map(str, about)) - set(ABOUT)):
        raise Unsupported(
            f"{own.path}: quantity {name} has {', '.join(unknown)}; known are values, {', '.join(ABOUT)}"
        )
    attributes = {key: int(text) if key == "main" else str(text) for key, text in about.items()}
    array = _numbers(own, name, values)
    if array.ndim == 0:
        return xr.DataArray(array, attrs=attributes)
    if array.shape != shape:
        raise Unsupported(
            f"{own.path}: quantity {name} has the shape {array.shape}; it must be one number, or one for "
            f"each chain and draw: {shape}"
        )
    return xr.DataArray(array, dims=("chain", "draw"), attrs=attributes)


def _numbers(own: OwnModel, name: str, values: Any) -> np.ndarray:
    if isinstance(values, xr.DataArray) and {"chain", "draw"} <= set(values.dims):
        values = values.transpose("chain", "draw", ...)
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise Unsupported(f"{own.path}: quantity {name} is no array of numbers: {error}") from error
