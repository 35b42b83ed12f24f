"""NUTS in the background, watched from here: progress every second, and an orderly end when asked to stop."""

import time
from dataclasses import replace
from functools import partial
from typing import Any

import nutpie

from ..built import BuiltModel
from ..compiling import check_start, compile_model
from ..sampling import MAX_TREEDEPTH, REPORT_S, Prepared, Progress, Report, Sampled, Settings, Stopping

POLL_S = 0.2
NAME = "nutpie NUTS"


def prepare(built: BuiltModel, settings: Settings) -> Prepared:
    """Compile density, gradient and start, and check the start."""
    compiled = compile_model(built)
    start = check_start(compiled, settings.seed)
    return Prepared(NAME, int(compiled.n_dim), partial(sample_compiled, compiled, settings), start)


def sample_compiled(compiled: Any, settings: Settings, report: Report, stopping: Stopping) -> Sampled:
    """Sample until done or until `stopping()`; `report` is called from this thread."""
    latest: list[Any] = []

    def remember(chains: list[Any]) -> None:
        latest[:] = chains  # nutpie's thread only leaves a snapshot: what it raises would be swallowed

    sampler = nutpie.sample(
        compiled,
        draws=settings.draws,
        tune=settings.tune,
        chains=settings.chains,
        cores=settings.cores,
        seed=settings.seed,
        adaptation=settings.adaptation,
        target_accept=settings.target_accept,
        maxdepth=MAX_TREEDEPTH,
        progress_bar=False,
        progress_callback=remember,
        progress_rate=250,
        blocking=False,
    )
    next_report_s = 0.0
    while True:
        try:
            trace = sampler.wait(timeout=POLL_S)
            break
        except TimeoutError:
            pass
        if stopping():
            return Sampled(sampler.abort(), complete=False)
        if latest and time.monotonic() >= next_report_s:
            report(_progress(list(latest), settings))
            next_report_s = time.monotonic() + REPORT_S
    if latest:
        report(_finished(_progress(list(latest), settings), settings))
    return Sampled(trace, complete=True)


def _progress(chains: list[Any], settings: Settings) -> Progress:
    sizes = [chain.step_size for chain in chains if chain.started and chain.step_size > 0]
    keeping = any(chain.finished_draws > settings.tune for chain in chains)
    return Progress(
        phase="sampling" if keeping else "tuning",
        done=sum(chain.finished_draws for chain in chains),
        total=settings.chains * (settings.tune + settings.draws),
        divergences=sum(chain.divergences for chain in chains),
        gradients=sum(chain.total_num_steps for chain in chains),
        step_size=sum(sizes) / len(sizes) if sizes else None,
        chains=[chain.finished_draws for chain in chains],
    )


def _finished(progress: Progress, settings: Settings) -> Progress:
    """The last snapshot may be a quarter of a second old."""
    share = settings.tune + settings.draws
    return replace(progress, phase="sampling", done=progress.total, chains=[share] * settings.chains)
