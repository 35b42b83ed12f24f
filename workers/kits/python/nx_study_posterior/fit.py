"""One fit: from a built model to draws on disk and the common part of the result."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import xarray as xr

from nx_study_worker import Run, rss_peak_bytes

from .built import BuiltModel
from .samplers import prepare
from .sampling import MAX_TREEDEPTH, Prepared, Progress, Settings
from .stopwatch import Stopwatch
from .storage import DRAWS, save_draws
from .trimming import Trimmed, trim
from .versions import versions

__all__ = ["DRAWS", "Fit", "Saved", "fit", "payload", "save"]


@dataclass(frozen=True)
class Fit:
    """What was sampled, and the names of the `free` variables.

    `complete` is false where sampling was stopped, and then all draws are kept.
    """

    settings: Settings
    prepared: Prepared
    start: Mapping[str, Any]
    trimmed: Trimmed
    complete: bool
    free: Sequence[str]


@dataclass(frozen=True)
class Saved:
    """The content of `draws.nc`; `lengths` is what every chain had kept, before cutting them alike."""

    chains: int
    draws: int
    lengths: list[int]
    bytes: int


def fit(task: Run, watch: Stopwatch, built: BuiltModel, settings: Settings) -> Fit:
    """Compile, check the start, sample: phases `compiling`, `tuning`, `sampling`."""
    with watch.phase("compiling", "compile_s"):
        prepared = prepare(built, settings)
    task.stop.defer()
    with watch.phase("tuning", "sample_s"):
        sampled = prepared.sample(_reporter(task), lambda: task.stop.requested)
    jitter = dict.fromkeys(built.jittered, "uniform(-1, 1), unconstrained scale")
    start = {"jitter": jitter, **prepared.start}
    trimmed = trim(sampled.trace)
    if sampled.lengths is not None:
        trimmed = replace(trimmed, lengths=sampled.lengths)
    # Who stops a run gives it a few seconds to save, and summaries of a large model take longer.
    kept = settings if sampled.complete else replace(settings, keep="all")
    free = [variable.name for variable in built.model.free_RVs]
    return Fit(kept, prepared, start, trimmed, sampled.complete, free)


def save(
    task: Run, watch: Stopwatch, done: Fit, groups: Mapping[str, xr.Dataset], attributes: Mapping[str, Any]
) -> Saved:
    """Write `draws.nc`: the draws, `groups` such as `observed_data`, and `attributes` for `derive`."""
    path = task.directory / DRAWS
    with watch.phase("writing", "write_s"):
        trimmed = done.trimmed
        sampler = asdict(done.settings) | {"max_treedepth": MAX_TREEDEPTH}
        save_draws(path, trimmed, groups, {**attributes, "sampler": sampler, "free": list(done.free)})
    return Saved(trimmed.chains, trimmed.draws, trimmed.lengths, path.stat().st_size)


def payload(watch: Stopwatch, done: Fit, saved: Saved) -> dict[str, Any]:
    """What every posterior has of the payload; `observations`, `data` and `warnings` are the worker's."""
    kept = {"chains": saved.chains, "draws": saved.draws, "lengths": saved.lengths}
    found = common_payload(watch, done.settings, done.prepared)
    return {**found, "sampler": {**found["sampler"], "kept": kept}, "draws_bytes": saved.bytes}


def common_payload(watch: Stopwatch, settings: Settings, prepared: Prepared) -> dict[str, Any]:
    """What is known of any fit, or of several alike."""
    return {
        "sampler": {
            "name": prepared.name,
            "chains": settings.chains,
            "tune": settings.tune,
            "draws": settings.draws,
            "target_accept": settings.target_accept,
            "max_treedepth": MAX_TREEDEPTH,
            "adaptation": settings.adaptation,
            "cores": settings.cores,
        },
        "parameters": prepared.parameters,
        "timings": watch.timings,
        "memory": {"rss_peak_bytes": rss_peak_bytes()},
        "versions": versions(prepared.packages),
        "reasons": {},
    }


def _reporter(task: Run) -> Callable[[Progress], None]:
    """Turns snapshots into events; the phase `tuning` has been announced by its stopwatch."""
    announced = {"tuning"}

    def report(progress: Progress) -> None:
        if progress.phase not in announced:
            announced.add(progress.phase)
            task.events.phase(progress.phase)
        detail = {key: getattr(progress, key) for key in ("divergences", "gradients", "step_size", "chains")}
        task.events.progress(progress.done, progress.total, "draws", detail)

    return report
