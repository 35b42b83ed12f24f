"""How large a built model is."""

from math import prod

import numpy as np
import pymc as pm
import pytensor

from .groups import groups, observations


def size_of(model: pm.Model) -> dict[str, int]:
    """As the protocol asks for it: `parameters` on the unconstrained scale, and what a draw saves."""
    beside = groups(model)
    free = model.eval_rv_shapes()
    values = [model.rvs_to_values[variable].name for variable in model.free_RVs]
    saved = [prod(free[variable.name]) for variable in model.free_RVs] + _sizes_of_deterministics(model)
    scalars = [variable.type.ndim == 0 for variable in (*model.free_RVs, *model.deterministics)]
    return {
        "parameters": int(sum(prod(free[name]) for name in values)),
        "observations": observations(beside.get("observed_data")),
        "saved": int(sum(saved)),
        "scalars": sum(scalars),
        "data_bytes": sum(int(group.nbytes) for group in beside.values()),
    }


def _sizes_of_deterministics(model: pm.Model) -> list[int]:
    """From their shapes, for which nothing is turned into machine code."""
    shapes = [variable.shape for variable in model.deterministics]
    evaluate = pytensor.function([], shapes, mode="FAST_COMPILE")
    return [int(np.prod(shape)) for shape in evaluate()]
