"""Simulation-based calibration: parameters from the prior, data from the model, and a fit, many times.

Talts et al. (2018), arXiv:1804.06788. The model is compiled once. A fit's seeds follow from the study's seed
and the fit's place among all fits of the study, so it does not matter how measurements divide the fits.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pymc as pm
import xarray as xr

from nx_study_worker import Run, Unsupported

from .built import BuiltModel
from .compiling import check_start, compile_model
from .fit import common_payload
from .forward import Forward, Values, log_likelihood, of_parameters, share_data
from .missing import with_missing
from .quantities import LOG_LIKELIHOOD, Selected, select
from .samplers.nutpie_nuts import NAME, sample_compiled
from .sampling import MAX_TREEDEPTH, Prepared, Progress, Settings
from .simulated_start import SimulatedStart
from .simulation_storage import FITS, save_simulations
from .stopwatch import Stopwatch
from .storage import SIMULATIONS
from .trimming import trim

__all__ = ["SIMULATIONS", "Simulated", "SimulatedFit", "Simulation", "simulate_and_fit", "simulated_payload"]

# The spread of the prior is a denominator: with so many draws it is known to 2 %.
PRIOR_DRAWS = 1000


@dataclass(frozen=True)
class Simulation:
    """What to simulate.

    `restart` gives the start of a fit, as `BuiltModel.initial`, from its simulated data; without it each fit
    starts as the model does. `quantities` names the variables that are ranked, and is called in the context
    of the model, to which it may add deterministic ones; without it all free and deterministic variables are.
    Where the posterior has mirror images, only what is the same in all of them has a rank with a meaning.
    """

    settings: Settings
    count: int
    restart: Callable[[Values], Values] | None = None
    quantities: Callable[[pm.Model], list[str]] | None = None


@dataclass(frozen=True)
class SimulatedFit:
    """One fit: its place among all fits of the study, its seed, the true quantities, and the draws."""

    index: int
    seed: int
    truth: Mapping[str, np.ndarray]
    # None where it failed.
    posterior: xr.Dataset | None
    statistics: xr.Dataset | None
    failure: str | None


@dataclass(frozen=True)
class Simulated:
    """The fits of a measurement; `complete` is false where it was stopped after some of them."""

    settings: Settings
    prepared: Prepared
    fits: list[SimulatedFit]
    complete: bool


def simulate_and_fit(task: Run, watch: Stopwatch, built: BuiltModel, simulation: Simulation) -> Simulated:
    """Compile once, then simulate and fit `count` times; saves them in the file SIMULATIONS.

    Changes `built.model`: its data become replaceable, and quantities are added. Raises Unsupported where the
    prior can't be drawn from, and for a model with a dimension `fit`.
    """
    study_seed = _study_seed(task)
    if simulation.settings.sampler != "nutpie":
        raise Unsupported(
            f"simulate: sampler {simulation.settings.sampler} compiles anew for other data; take nutpie"
        )
    if FITS in built.model.dim_lengths:
        raise Unsupported(
            f"simulate: a dimension of the model is called `{FITS}`, as that of the simulated fits; rename it"
        )
    with watch.phase("compiling", "compile_s"):
        prepared = _Simulator(built, simulation)
        check_start(prepared.compiled, fit_seed(study_seed, 0))
    with watch.phase("simulating", "simulate_s"):
        facts = _facts(task, prepared)
    task.stop.defer()
    with watch.phase("sampling", "sample_s"):
        fits = _fits(task, prepared, simulation)
    complete = len(fits) == simulation.count
    with watch.phase("writing", "write_s"):
        save_simulations(task.directory / SIMULATIONS, fits, prepared.selected, facts)
    return Simulated(simulation.settings, prepared.prepared, fits, complete)


def simulated_payload(watch: Stopwatch, done: Simulated) -> dict[str, Any]:
    """What the payload has of simulated fits; `observations` and `data` are the worker's."""
    failed = [f"fit {one.index} failed: {one.failure}" for one in done.fits if one.failure is not None]
    return {
        **common_payload(watch, done.settings, done.prepared),
        "simulations": {"simulate": "prior", "fits": len(done.fits), "failed": len(failed)},
        "warnings": [{"code": "simulated-fit-failed", "message": message} for message in failed],
    }


def fit_seed(study_seed: int, index: int, part: str = "fit") -> int:
    """The seed of a part of fit `index` of the study, counted from 0; in [0, 2³²)."""
    text = f"nx-study seed {study_seed} simulation {index} {part}"
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


class _Simulator:
    """What all fits share."""

    def __init__(self, built: BuiltModel, simulation: Simulation) -> None:
        model = built.model
        if not model.observed_RVs:
            raise Unsupported("simulate: the model has no observed variable, so no data can be drawn from it")
        if parts := [str(one) for one in with_missing(model) if one.within_vectors]:
            raise Unsupported(
                f"simulate: {', '.join(parts)}, within vectors: the others can't be drawn given these"
            )
        self.forward = Forward(model)
        self.shared = share_data(model)
        self.model = model
        if LOG_LIKELIHOOD in model.named_vars:
            raise Unsupported(f"simulate: {LOG_LIKELIHOOD} is ranked by itself; rename that of the model")
        with model:
            names = simulation.quantities(model) if simulation.quantities else _all(model)
            pm.Deterministic(LOG_LIKELIHOOD, log_likelihood(model))
        self.selected: Selected = select(model, [*names, LOG_LIKELIHOOD])
        self.kept = list(dict.fromkeys([*(one.name for one in model.free_RVs), *self.selected.names]))
        self.evaluate = self.forward.function({name: model[name] for name in self.selected.names})
        self.compiled = compile_model(built)
        sample = partial(sample_compiled, self.compiled, simulation.settings)
        self.prepared = Prepared(NAME, int(self.compiled.n_dim), sample)
        self.start = SimulatedStart(self.compiled, built, simulation.restart)


def _all(model: pm.Model) -> list[str]:
    return [one.name for one in (*model.free_RVs, *of_parameters(model))]


def _fits(task: Run, prepared: _Simulator, simulation: Simulation) -> list[SimulatedFit]:
    first = (task.request.repetition - 1) * simulation.count
    fits: list[SimulatedFit] = []
    for at in range(simulation.count):
        if task.stop.requested:
            break
        done = _fit(task, prepared, simulation.settings, first + at)
        if done is None:
            break
        fits.append(done)
        failed = sum(one.failure is not None for one in fits)
        task.events.progress(at + 1, simulation.count, "fits", {"failed": failed})
    return fits


def _fit(task: Run, prepared: _Simulator, settings: Settings, index: int) -> SimulatedFit | None:
    """One fit; None where it was stopped before its end."""
    study_seed = _study_seed(task)
    parameters = prepared.forward.parameters(fit_seed(study_seed, index, "parameters"))
    data = prepared.forward.data(parameters, fit_seed(study_seed, index, "data"))
    for name, values in data.items():
        prepared.model.rvs_to_values[prepared.model[name]].set_value(values)
    truth = prepared.evaluate(parameters)
    seed = fit_seed(study_seed, index)
    compiled = prepared.compiled.with_data(**{prepared.shared[name]: data[name] for name in data})
    compiled = replace(compiled, initial_point_func=prepared.start.of(data))
    try:
        sampled = sample_compiled(
            compiled, replace(settings, seed=seed), _nothing, lambda: task.stop.requested
        )
    except RuntimeError as error:  # such as no start with a finite density: of this fit alone
        return SimulatedFit(index, seed, truth, None, None, str(error).splitlines()[0])
    if not sampled.complete:
        return None
    trimmed = trim(sampled.trace)
    assert trimmed.posterior is not None  # a complete trace has draws
    return SimulatedFit(index, seed, truth, trimmed.posterior[prepared.kept], trimmed.sample_stats, None)


def _nothing(_progress: Progress) -> None:
    """Progress is told fit by fit."""


def _facts(task: Run, prepared: _Simulator) -> dict[str, Any]:
    """What `derive` needs beside the draws: how far the prior of each quantity spreads."""
    study_seed = _study_seed(task)
    draws = [
        prepared.evaluate(prepared.forward.parameters(fit_seed(study_seed, at, "prior")))
        for at in range(PRIOR_DRAWS)
    ]
    spread: dict[str, float | None] = {
        label: float(np.std([one[name].ravel()[at] for one in draws], ddof=1))
        for label, name, at in prepared.selected.elements
    }
    spread[LOG_LIKELIHOOD] = None  # it depends on the data
    return {
        "prior_sd": spread,
        "max_treedepth": MAX_TREEDEPTH,
        "left_out": prepared.selected.left_out,
        "free": [one.name for one in prepared.model.free_RVs],
    }


def _study_seed(task: Run) -> int:
    if task.request.study_seed is None:
        raise Unsupported("simulate: the request has no study_seed, which the fits' seeds are made from")
    return task.request.study_seed
