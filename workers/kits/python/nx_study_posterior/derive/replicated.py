"""Data drawn from a PyMC model: under its posterior, and under its prior. A part at a time."""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import pymc as pm
import xarray as xr

from ..forward import Forward, draw_seed, of_parameters
from .draws import Draws
from .loo import thinning

SEED = 20_060_109  # fixed: deriving again gives the same
PRIOR_DRAWS = 1_000
# Numbers that are held of the drawn data: 128 MB.
BLOCK = 16_000_000


def replicated(model: pm.Model, draws: Draws, names: list[str]) -> Iterator[dict[str, np.ndarray]]:
    """By observed variable (draw, …), for the draws that are used, chain by chain, some at a time."""
    posterior = draws.posterior.isel(draw=slice(None, None, thinning(draws)))
    kept = [str(name) for name in posterior.data_vars if name in model.named_vars]
    # One long chain, so that parts of it are whole.
    plain = posterior[kept].drop_vars(["chain", "draw"], errors="ignore")
    flat = plain.stack(sample=("chain", "draw"), create_index=False).transpose("sample", ...)
    size = _draws_at_once(model, names)
    for number, start in enumerate(range(0, flat.sizes["sample"], size)):
        part = flat.isel(sample=slice(start, start + size)).rename(sample="draw").expand_dims("chain")
        with _quiet():
            tree = pm.sample_posterior_predictive(
                xr.DataTree.from_dict({"posterior": part}),
                model=model,
                var_names=names,
                # What the draws hold is never drawn again.
                freeze_vars=[variable.name for variable in model.free_RVs],
                random_seed=SEED + number,
                progressbar=False,
            )
        yield {name: tree["posterior_predictive"][name].values[0] for name in names}


def from_prior(model: pm.Model, names: list[str], observed: list[str]) -> Iterator[dict[str, np.ndarray]]:
    """By variable (draw, …): PRIOR_DRAWS draws of `names` and of observed variables, some at a time.

    `names` are of free or deterministic variables. Raises Unsupported where the prior can't be drawn from.
    """
    forward = Forward(model)
    evaluate = forward.function({one.name: one for one in of_parameters(model) if one.name in names})
    size = _draws_at_once(model, observed)
    for start in range(0, PRIOR_DRAWS, size):
        rows = []
        for at in range(start, min(start + size, PRIOR_DRAWS)):
            parameters = forward.parameters(draw_seed(SEED, at, "parameters"))
            data = forward.data(parameters, draw_seed(SEED, at, "data")) if observed else {}
            rows.append({**parameters, **evaluate(parameters), **data})
        yield {name: np.stack([row[name] for row in rows]) for name in [*names, *observed]}


def from_parameters(
    model: pm.Model, parameters: Mapping[str, np.ndarray], observed: list[str]
) -> Iterator[dict[str, np.ndarray]]:
    """By observed variable (draw, …): a data set for each draw of the free variables, some at a time.

    `parameters`: all free variables, (draw, …). Raises Unsupported as `from_prior`.
    """
    forward = Forward(model)
    size, count = _draws_at_once(model, observed), len(next(iter(parameters.values())))
    for start in range(0, count, size):
        rows = [
            forward.data(
                {name: values[at] for name, values in parameters.items()}, draw_seed(SEED, at, "data")
            )
            for at in range(start, min(start + size, count))
        ]
        yield {name: np.stack([row[name] for row in rows]) for name in observed}


def _draws_at_once(model: pm.Model, names: list[str]) -> int:
    size = sum(int(np.prod(model.rvs_to_values[model[name]].shape.eval(), dtype=int)) for name in names)
    return max(1, BLOCK // max(1, size))


@contextmanager
def _quiet() -> Iterator[None]:
    """PyMC tells on each call which variables it draws."""
    logger = logging.getLogger("pymc")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
