"""simulations.nc: the fits of a measurement with their true values."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from .quantities import Selected
from .storage import named_statistics, write_tree

if TYPE_CHECKING:
    from .simulate import SimulatedFit

# The dimension of the fits in the file.
FITS = "fit"


def save_simulations(
    path: Path, fits: "Sequence[SimulatedFit]", selected: Selected, facts: Mapping[str, Any]
) -> None:
    """Groups `posterior` and `sample_stats` with the dimension `fit` before chain and draw, and `fits`."""
    index = {FITS: [one.index for one in fits]}
    truth = [[float(one.truth[name].ravel()[at]) for _, name, at in selected.elements] for one in fits]
    groups = {
        "fits": xr.Dataset(
            {
                "seed": (FITS, np.array([one.seed for one in fits], dtype=np.int64)),
                "failure": (FITS, [one.failure or "" for one in fits]),
                "truth": ((FITS, "quantity"), np.array(truth).reshape(len(fits), len(selected.elements))),
                "variable": ("quantity", [name for _, name, _ in selected.elements]),
                "element": ("quantity", [at for _, _, at in selected.elements]),
            },
            coords={**index, "quantity": [label for label, _, _ in selected.elements]},
        ),
        **_stacked(fits),
    }
    write_tree(path, groups, facts)


def _stacked(fits: "Sequence[SimulatedFit]") -> dict[str, xr.Dataset]:
    """The draws of the fits that have any, with the fit as their first dimension."""
    posterior = [one.posterior for one in fits if one.posterior is not None]
    statistics = [one.statistics for one in fits if one.statistics is not None]
    if not posterior:
        return {}
    at = xr.Variable(FITS, [one.index for one in fits if one.posterior is not None])
    named = named_statistics(xr.concat(statistics, dim=at))
    assert named is not None
    return {"posterior": xr.concat(posterior, dim=at), "sample_stats": named}
