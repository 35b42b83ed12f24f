"""Draws from the prior in place of a posterior: no sampler is compiled or run."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import pymc as pm
import xarray as xr
from pymc.backends.arviz import coords_and_dims_for_inferencedata

from nx_study_worker import Run, Unsupported, rss_peak_bytes

from .forward import NOT_DRAWN, Forward, draw_seed, of_parameters
from .sampler_keys import PRIOR
from .stopwatch import Stopwatch
from .storage import DRAWS, write_tree
from .versions import versions

__all__ = ["DRAWS", "PRIOR", "PriorDraws", "draw_prior", "drawable", "prior_payload", "save_prior"]

NOTHING_SAMPLED = "parameters were drawn from the prior: no sampler was compiled or run"
REPORTED_EVERY = 100


@dataclass(frozen=True)
class PriorDraws:
    """All free and deterministic variables, (chain, draw, …) with one chain.

    `parameters`: free parameters on the unconstrained scale.
    """

    values: xr.Dataset
    parameters: int

    @property
    def count(self) -> int:
        """Draws."""
        return int(self.values.sizes["draw"])


def draw_prior(task: Run, watch: Stopwatch, model: pm.Model, count: int) -> PriorDraws:
    """Draw `count` times from the prior: phase `drawing`.

    A draw depends on the measurement's seed and its own place alone. Experiments of a study share the seed:
    where two differ only in the numbers of a prior, they draw with the same random numbers. Raises
    Unsupported where the prior can't be drawn from.
    """
    with watch.phase("drawing", "draw_s"):
        forward = drawable(model)
        evaluate = forward.function({one.name: one for one in of_parameters(model)})
        arrays: dict[str, np.ndarray] = {}
        for at in range(count):
            parameters = forward.parameters(draw_seed(task.request.seed, at, "parameters"))
            for name, value in {**parameters, **evaluate(parameters)}.items():
                if at == 0:
                    arrays[name] = np.empty((1, count, *value.shape), value.dtype)
                arrays[name][0, at] = value
            if (at + 1) % REPORTED_EVERY == 0:
                task.events.progress(at + 1, count, "draws")
    return PriorDraws(_dataset(model, arrays), _parameters(model))


def drawable(model: pm.Model) -> Forward:
    """The model run forwards, once with its data. Raises Unsupported where it can't be drawn from."""
    try:
        forward = Forward(model)
        forward.data(forward.parameters(seed=1), seed=1)
    except NotImplementedError as error:  # such as of pm.Flat, or a pm.CustomDist without `random`
        raise Unsupported(f"{NOT_DRAWN}: {str(error).splitlines()[0]}") from error
    return forward


def save_prior(
    task: Run,
    watch: Stopwatch,
    drawn: PriorDraws,
    groups: Mapping[str, xr.Dataset],
    attributes: Mapping[str, Any],
) -> int:
    """Write the file DRAWS with the group `prior` and the others; its size in bytes."""
    path = task.directory / DRAWS
    with watch.phase("writing", "write_s"):
        sampler = {"sampler": PRIOR, "draws": drawn.count}
        write_tree(path, {"prior": drawn.values, **groups}, {**attributes, "sampler": sampler})
    return path.stat().st_size


def prior_payload(watch: Stopwatch, drawn: PriorDraws, draws_bytes: int) -> dict[str, Any]:
    """What the payload has of draws from the prior; `observations` and `data` are the worker's."""
    absent = ("sampler.chains", "sampler.tune", "timings.compile_s", "timings.sample_s")
    return {
        "sampler": {"name": PRIOR, "chains": None, "tune": None, "draws": drawn.count},
        "parameters": drawn.parameters,
        "draws_bytes": draws_bytes,
        "timings": {**watch.timings, "compile_s": None, "sample_s": None},
        "memory": {"rss_peak_bytes": rss_peak_bytes()},
        "versions": versions(),
        "reasons": dict.fromkeys(absent, NOTHING_SAMPLED),
    }


def _dataset(model: pm.Model, arrays: Mapping[str, np.ndarray]) -> xr.Dataset:
    """With the model's dimensions and coordinates, as of a posterior."""
    coords, dims = coords_and_dims_for_inferencedata(model)
    variables = {}
    for name, values in arrays.items():
        named = dims.get(name) or [f"{name}_dim_{at}" for at in range(values.ndim - 2)]
        variables[name] = (("chain", "draw", *named), values)
    used = {dimension for names, _ in variables.values() for dimension in names}
    return xr.Dataset(
        variables,
        coords={
            "chain": [0],
            "draw": np.arange(next(iter(arrays.values())).shape[1]),
            **{name: value for name, value in coords.items() if name in used},
        },
    )


def _parameters(model: pm.Model) -> int:
    shapes = model.eval_rv_shapes()
    return int(sum(prod(shapes[model.rvs_to_values[variable].name]) for variable in model.free_RVs))
