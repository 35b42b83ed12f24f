"""The observed variables of a PyMC model: leave-one-out cross-validation of each, and what was observed."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pymc as pm

from nx_study_worker import WorkerError

from .absence import Absences
from .densities import Densities
from .draws import Draws
from .loo import PATH, Pointwise, joined, loo, thinned_variables

BY_PATH = "loo_by"


def observed_values(model: pm.Model, draws: Draws) -> dict[str, np.ndarray]:
    """What each observed variable was observed as; checked against the draws where they hold it.

    Raises WorkerError where the model was rebuilt with other data than it was sampled with.
    """
    values = {
        variable.name: np.asarray(model.rvs_to_values[variable].eval()) for variable in model.observed_RVs
    }
    for name, value in values.items():
        if name not in draws.observed:
            continue
        saved = draws.observed[name].values
        if saved.shape != value.shape or not np.array_equal(saved, value, equal_nan=value.dtype.kind == "f"):
            raise WorkerError(
                f"{name}: the model was rebuilt with other data than its draws were sampled with"
            )
    return values


def observed_sha256(name: str, values: np.ndarray) -> str:
    """Of an observed variable: its name, shape and values, as 64-bit floating-point numbers in C order."""
    digest = hashlib.sha256(f"{name}\n{','.join(map(str, values.shape))}\n".encode())
    digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    return digest.hexdigest()


def sources(densities: Densities, draws: Draws, values: Mapping[str, np.ndarray]) -> dict[str, Pointwise]:
    """The observations of each observed variable, one by one."""
    return {name: _source(densities, draws, name, value) for name, value in values.items()}


def _source(densities: Densities, draws: Draws, name: str, value: np.ndarray) -> Pointwise:
    shape = densities.shape(name)
    used = int(np.prod(next(iter(thinned_variables(draws).values())).shape[:2]))

    def of(thinned: Mapping[str, np.ndarray], at: slice) -> np.ndarray:
        return densities.log_likelihood(thinned, name, at)

    def label(at: int) -> str:
        return _label(draws, name, at, shape)

    return Pointwise(
        density=densities.kinds[name],
        left_out=f"one value of {name}" if value.shape == shape else f"one vector of {name}",
        count=densities.sizes[name],
        observed_sha256=observed_sha256(name, value),
        log_likelihood=of,
        label=label,
        chunk=densities.block(used),
    )


def loo_of_observed(draws: Draws, all_sources: Mapping[str, Pointwise], absences: Absences) -> dict[str, Any]:
    """`loo` of all observations, one left out at a time, and `loo_by` variable where there are several."""
    if len(all_sources) == 1:
        [(name, source)] = all_sources.items()
        found = loo(draws, source, absences)
        return {"loo": None if found is None else {"variable": name, **found}}
    if not all_sources:
        absences.add(PATH, "the model has no observed variable")
        return {"loo": None}
    by = {name: loo(draws, one, absences, f"{BY_PATH}.{name}") for name, one in all_sources.items()}
    return {"loo": joined(by, all_sources, absences), "loo_by": by}


def _label(draws: Draws, name: str, at: int, shape: tuple[int, ...]) -> str:
    """Such as `y[Choate]`."""
    if not shape:
        return name
    index = np.unravel_index(at, shape)
    dims = draws.observed[name].dims if name in draws.observed else ()
    names = [
        str(draws.observed[name][dim].values[place]) if dim in draws.observed[name].coords else str(place)
        for dim, place in zip(dims, index, strict=False)
    ] or [str(place) for place in index]
    return f"{name}[{', '.join(names)}]"
