"""How large a built model is."""

from math import prod

import numpy as np
import pymc as pm
import pytensor
import xarray as xr

from .groups import observations


def size_of(model: pm.Model, observed: xr.Dataset | None) -> dict[str, int]:
    """As the protocol asks for it: `parameters` on the unconstrained scale, and what a draw saves."""
    free = model.eval_rv_shapes()
    values = [model.rvs_to_values[variable].name for variable in model.free_RVs]
    saved = [prod(free[variable.name]) for variable in model.free_RVs] + _sizes_of_deterministics(model)
    scalars = [variable.type.ndim == 0 for variable in (*model.free_RVs, *model.deterministics)]
    return {
        "parameters": int(sum(prod(free[name]) for name in values)),
        "observations": observations(observed),
        "saved": int(sum(saved)),
        "scalars": sum(scalars),
    }


def _sizes_of_deterministics(model: pm.Model) -> list[int]:
    """From their shapes, for which nothing is turned into machine code."""
    shapes = [variable.shape for variable in model.deterministics]
    evaluate = pytensor.function([], shapes, mode="FAST_COMPILE")
    return [int(np.prod(shape)) for shape in evaluate()]
