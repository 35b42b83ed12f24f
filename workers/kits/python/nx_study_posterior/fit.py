"""One fit: from a built model to draws on disk and the common part of the result."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import xarray as xr

from nx_study_worker import Run, rss_peak_bytes

from .built import BuiltModel
from .compiling import check_start, compile_model
from .sampling import MAX_TREEDEPTH, Progress, Settings, sample
from .stopwatch import Stopwatch
from .storage import DRAWS, save_draws
from .trimming import Trimmed, trim
from .versions import versions

__all__ = ["DRAWS", "Fit", "fit", "payload", "save"]


@dataclass(frozen=True)
class Fit:
    """What was sampled; `complete` is false where sampling was stopped."""

    settings: Settings
    parameters: int
    start: Mapping[str, Any]
    trace: Any
    complete: bool


def fit(task: Run, watch: Stopwatch, built: BuiltModel, settings: Settings) -> Fit:
    """Compile, check the start, sample: phases `compiling`, `tuning`, `sampling`."""
    with watch.phase("compiling", "compile_s"):
        compiled = compile_model(built)
        start = check_start(compiled, task.request.seed)
    task.stop.defer()
    with watch.phase("tuning", "sample_s"):
        sampled = sample(compiled, settings, _reporter(task), lambda: task.stop.requested)
    jitter = dict.fromkeys(built.jittered, "uniform(-1, 1), unconstrained scale")
    return Fit(settings, int(compiled.n_dim), {"jitter": jitter, **start}, sampled.trace, sampled.complete)


def save(
    task: Run, watch: Stopwatch, done: Fit, groups: Mapping[str, xr.Dataset], attributes: Mapping[str, Any]
) -> Trimmed:
    """Write `draws.nc`: the draws, `groups` such as `observed_data`, and `attributes` for `derive`."""
    with watch.phase("writing", "write_s"):
        trimmed = trim(done.trace)
        sampler = asdict(done.settings) | {"max_treedepth": MAX_TREEDEPTH}
        save_draws(task.directory / DRAWS, trimmed, groups, {**attributes, "sampler": sampler})
    return trimmed


def payload(watch: Stopwatch, done: Fit, trimmed: Trimmed) -> dict[str, Any]:
    """What every posterior has of the payload; `observations`, `data` and `warnings` are the worker's."""
    settings = done.settings
    return {
        "sampler": {
            "name": "nutpie NUTS",
            "chains": settings.chains,
            "tune": settings.tune,
            "draws": settings.draws,
            "target_accept": settings.target_accept,
            "max_treedepth": MAX_TREEDEPTH,
            "adaptation": settings.adaptation,
            "cores": settings.cores,
            "kept": {"chains": trimmed.chains, "draws": trimmed.draws, "lengths": trimmed.lengths},
        },
        "parameters": done.parameters,
        "timings": watch.timings,
        "memory": {"rss_peak_bytes": rss_peak_bytes()},
        "versions": versions(),
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
