"""PyMC's own NUTS: a process for each chain that runs at once, told draw by draw."""

import multiprocessing
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pymc as pm
import xarray as xr

from ..built import BuiltModel
from ..sampling import MAX_TREEDEPTH, REPORT_S, Counter, Prepared, Report, Sampled, Settings, Stopping
from ..starting import start_points


def prepare(built: BuiltModel, settings: Settings) -> Prepared:
    """Compile density and gradient; PyMC checks every start itself, and names the variable of a bad one."""
    starts = start_points(built, settings.seed, settings.chains)
    with built.model:
        _, step = pm.init_nuts(
            init="adapt_diag",
            chains=settings.chains,
            initvals=starts,
            random_seed=settings.seed,
            progressbar=False,
            target_accept=settings.target_accept,
            max_treedepth=MAX_TREEDEPTH,
        )
    parameters = sum(int(np.size(value)) for value in built.model.initial_point().values())
    return Prepared("PyMC NUTS", parameters, partial(_sample, _Model(built.model, step, starts), settings))


@dataclass(frozen=True)
class _Model:
    model: pm.Model
    step: Any
    starts: list[dict[str, np.ndarray]]


def _sample(ready: _Model, settings: Settings, report: Report, stopping: Stopping) -> Sampled:
    counter = Counter(settings)
    watch = _Watch(counter, report, stopping)
    try:
        trace = _draw(ready, settings, watch)
    except ValueError:
        if not watch.stopped or any(counter.kept):
            raise
        trace = xr.DataTree()  # stopped while tuning: there is no draw to keep
    if not watch.stopped:
        report(counter.progress())
    return Sampled(trace, complete=not watch.stopped, lengths=counter.kept)


def _draw(ready: _Model, settings: Settings, callback: "_Watch") -> Any:
    return pm.sample(
        draws=settings.draws,
        tune=settings.tune,
        chains=settings.chains,
        cores=settings.cores,
        step=ready.step,
        initvals=ready.starts,
        random_seed=settings.seed,
        nuts_sampler="pymc",
        model=ready.model,
        callback=callback,
        progressbar=False,
        quiet=True,
        compute_convergence_checks=False,
        # Processes that are forked know that a stop is to be remembered; others would die of the signal.
        mp_ctx="fork" if "fork" in multiprocessing.get_all_start_methods() else None,
    )


class _Watch:
    """Called by PyMC for each draw, in the thread that asked for them."""

    def __init__(self, counter: Counter, report: Report, stopping: Stopping) -> None:
        self._counter, self._report, self._stopping = counter, report, stopping
        self._next_report_s = 0.0
        self.stopped = False

    def __call__(self, *, draw: Any, **_trace: Any) -> None:
        self._counter.add(draw.chain, draw.stats[0])
        if self._stopping():
            self.stopped = True
            raise KeyboardInterrupt  # as PyMC asks for: it keeps the draws so far
        if time.monotonic() >= self._next_report_s:
            self._next_report_s = time.monotonic() + REPORT_S
            self._report(self._counter.progress())
