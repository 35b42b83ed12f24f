"""NUTS of NumPyro or BlackJAX: one compiled call, which neither tells its progress nor ends early."""

from functools import partial

import numpy as np
import pymc as pm
import xarray as xr

from ..built import BuiltModel
from ..sampling import MAX_TREEDEPTH, Prepared, Progress, Report, Sampled, Settings, Stopping
from ..starting import start_points

NAMES = {"numpyro": "NumPyro NUTS", "blackjax": "BlackJAX NUTS"}
# Of BlackJAX the limit has another name.
LIMITS = {"numpyro": "max_tree_depth", "blackjax": "max_num_doublings"}


def prepare(built: BuiltModel, settings: Settings) -> Prepared:
    """Only the start: JAX compiles when it first samples."""
    starts = start_points(built, settings.seed, settings.chains)
    parameters = sum(int(np.size(value)) for value in built.model.initial_point().values())
    sample = partial(_sample, built.model, starts, settings)
    return Prepared(NAMES[settings.sampler], parameters, sample, stoppable=False, compiled=False)


def _sample(
    model: pm.Model,
    starts: list[dict[str, np.ndarray]],
    settings: Settings,
    report: Report,
    _stopping: Stopping,
) -> Sampled:
    from pymc.sampling import jax

    trace = jax.sample_jax_nuts(
        draws=settings.draws,
        tune=settings.tune,
        chains=settings.chains,
        target_accept=settings.target_accept,
        random_seed=settings.seed,
        initvals=starts,
        jitter=False,
        model=model,
        progressbar=False,
        quiet=True,
        chain_method="vectorized",
        nuts_kwargs={LIMITS[settings.sampler]: MAX_TREEDEPTH},
        compute_convergence_checks=False,
        nuts_sampler=settings.sampler,
    )
    statistics = _statistics(trace["sample_stats"].to_dataset(), settings.sampler)
    trace["sample_stats"] = xr.DataTree(statistics)
    report(_finished(statistics, settings))
    return Sampled(trace, complete=True)


def _statistics(statistics: xr.Dataset, sampler: str) -> xr.Dataset:
    """As other samplers write them: `lp` is a log density, and it is told which draws met the limit."""
    at_limit = statistics["tree_depth"] >= MAX_TREEDEPTH
    density = -statistics["lp"] if sampler == "numpyro" else statistics["lp"]
    return statistics.assign(lp=density, reached_max_treedepth=at_limit)


def _finished(statistics: xr.Dataset, settings: Settings) -> Progress:
    share = settings.tune + settings.draws
    return Progress(
        phase="sampling",
        done=settings.chains * share,
        total=settings.chains * share,
        divergences=int(statistics["diverging"].sum()),
        gradients=int(statistics["n_steps"].sum()),
        step_size=float(statistics["step_size"].mean()) if "step_size" in statistics else None,
        chains=[share] * settings.chains,
    )
