"""The observed variables of a PyMC model: leave-one-out cross-validation of each, and what was observed."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pymc as pm
from pytensor.graph.traversal import ancestors

from nx_study_worker import WorkerError

from ..missing import WithMissing, with_missing
from .absence import Absences
from .densities import Densities, without_starts
from .draws import Draws
from .loo import PATH, LeftOut, Pointwise, described, joined, left_out, loo, summary, thinned_variables

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


def others_as_observed(model: pm.Model, name: str, values: Mapping[str, np.ndarray]) -> pm.Model | None:
    """The model in which `name` is drawn, and all that it depends on stays as it was observed.

    A value is left out of one variable: that of a mediator stays where an outcome is left out. None where the
    variable depends on no other observed one, so that the model itself does.
    """
    above = set(ancestors([model[name]]))
    others = [one.name for one in model.observed_RVs if one.name != name and one in above]
    if not others:
        return None
    with without_starts(model):
        return pm.do(model, {other: values[other] for other in others})


def observed_sha256(name: str, values: np.ndarray) -> str:
    """Of an observed variable: its name, shape and values, as 64-bit floating-point numbers in C order."""
    digest = hashlib.sha256(f"{name}\n{','.join(map(str, values.shape))}\n".encode())
    digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    return digest.hexdigest()


def sources(
    model: pm.Model, densities: Densities, draws: Draws, values: Mapping[str, np.ndarray]
) -> dict[str, Pointwise]:
    """The observations of each observed variable, one by one."""
    divided = {one.observed.name: one for one in with_missing(model)}
    labels = {
        name: partial(_label, draws, name, densities.shape(name))
        if name not in divided
        else partial(_label_beside_missing, model, divided[name])
        for name in values
    }
    return {name: _source(densities, draws, (name, value), labels[name]) for name, value in values.items()}


def _source(
    densities: Densities, draws: Draws, observed: tuple[str, np.ndarray], label: Callable[[int], str]
) -> Pointwise:
    name, value = observed
    used = int(np.prod(next(iter(thinned_variables(draws).values())).shape[:2]))

    def of(thinned: Mapping[str, np.ndarray], at: slice) -> np.ndarray:
        return densities.log_likelihood(thinned, name, at)

    return Pointwise(
        density=densities.kinds[name],
        left_out=f"one value of {name}" if value.shape == densities.shape(name) else f"one vector of {name}",
        count=densities.sizes[name],
        observed_sha256=observed_sha256(name, value),
        log_likelihood=of,
        label=label,
        chunk=densities.block(used),
    )


def loo_of_observed(
    draws: Draws, all_sources: Mapping[str, Pointwise], absences: Absences, potentials: Sequence[str] = ()
) -> dict[str, Any]:
    """`loo` of all observations, one left out at a time, and `loo_by` variable where there are several.

    What the model's potentials say of data is no part of it, so they are named.
    """
    if not all_sources:
        absences.add(PATH, "the model has no observed variable")
        return {"loo": None}
    if len(all_sources) == 1:
        [(name, source)] = all_sources.items()
        one = loo(draws, source, absences)
        return {"loo": one and {"variable": name, **one, "potentials": list(potentials)}}
    paths = {name: f"{BY_PATH}.{name}" for name in all_sources}
    by = {name: left_out(draws, source, absences, paths[name]) for name, source in all_sources.items()}
    count = sum(source.count for source in all_sources.values())
    together = _together(by, absences)
    return {
        "loo": together and {**together, "potentials": list(potentials)},
        # The numbers of each observation stand here alone, and not in `loo` once more.
        "loo_by": {name: one and described(one, count, absences, paths[name]) for name, one in by.items()},
    }


def _together(by: Mapping[str, LeftOut | None], absences: Absences) -> dict[str, Any] | None:
    if lost := [name for name, one in by.items() if one is None]:
        absences.add(PATH, f"{', '.join(lost)} can't be left out")
        return None
    parts = {name: one for name, one in by.items() if one is not None}
    return {"variables": list(parts), **summary(joined(parts), absences, PATH)}


def _label(draws: Draws, name: str, shape: tuple[int, ...], at: int) -> str:
    """Such as `y[Choate]`."""
    if not shape:
        return name
    observed = draws.observed.get(name)
    dims = () if observed is None else observed.dims
    coords = {} if observed is None else {dim: observed[dim].values for dim in dims if dim in observed.coords}
    return _element(name, at, shape, [coords.get(dim) for dim in dims])


def _label_beside_missing(model: pm.Model, divided: WithMissing, at: int) -> str:
    """By its place in the whole variable: among those that are not missing, others have this number."""
    mask, name = divided.mask, str(divided.whole.name)
    dims = model.named_vars_to_dims.get(name, ())
    place = int(np.flatnonzero(~mask)[at])
    return _element(name, place, mask.shape, [model.coords.get(str(dim)) for dim in dims])


def _element(name: str, at: int, shape: tuple[int, ...], coords: Sequence[Any]) -> str:
    """`coords`: by dimension, as far as they are known."""
    index = np.unravel_index(at, shape)
    known = [*coords, *[None] * (len(index) - len(coords))]
    words = [
        str(place if labels is None else labels[place]) for place, labels in zip(index, known, strict=False)
    ]
    return f"{name}[{', '.join(words)}]"
