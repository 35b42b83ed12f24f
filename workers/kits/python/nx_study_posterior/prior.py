"""Draws from the prior in place of a posterior: no sampler is compiled or run."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import pymc as pm
import xarray as xr
from pymc.backends.arviz import coords_and_dims_for_inferencedata

from nx_study_worker import Run, rss_peak_bytes

from .forward import Forward, draw_seed
from .sampler_keys import PRIOR
from .stopwatch import Stopwatch
from .storage import DRAWS, write_tree
from .versions import versions

__all__ = ["DRAWS", "PRIOR", "PriorDraws", "draw_prior", "prior_payload", "save_prior"]

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
        forward = Forward(model)
        evaluate = forward.function({one.name: one for one in model.deterministics})
        rows = []
        for at in range(count):
            parameters = forward.parameters(draw_seed(task.request.seed, at, "parameters"))
            rows.append({**parameters, **evaluate(parameters)})
            if (at + 1) % REPORTED_EVERY == 0:
                task.events.progress(at + 1, count, "draws")
    return PriorDraws(_dataset(model, rows), _parameters(model))


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


def _dataset(model: pm.Model, rows: list[dict[str, np.ndarray]]) -> xr.Dataset:
    """With the model's dimensions and coordinates, as of a posterior."""
    coords, dims = coords_and_dims_for_inferencedata(model)
    variables = {}
    for name, first in rows[0].items():
        named = dims.get(name) or [f"{name}_dim_{at}" for at in range(first.ndim)]
        variables[name] = (("chain", "draw", *named), np.stack([row[name] for row in rows])[np.newaxis])
    used = {dimension for names, _ in variables.values() for dimension in names}
    return xr.Dataset(
        variables,
        coords={
            "chain": [0],
            "draw": np.arange(len(rows)),
            **{name: value for name, value in coords.items() if name in used},
        },
    )


def _parameters(model: pm.Model) -> int:
    shapes = model.eval_rv_shapes()
    return int(sum(prod(shapes[model.rvs_to_values[variable].name]) for variable in model.free_RVs))
