"""One measurement: `python -m ideal_point.measure RUN_DIRECTORY`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from nx_study_worker import Outcome, Run, rss_peak_bytes, run

DRAWS = "draws.nc"
# A positive prior is then worth a warning. Below it are roll calls that hardly discriminate, whose sign is
# chance: 0.4 % of those of the 109th Senate recoded by party, 1.7 % of a sample of 60.
TOLERATED_SHARE = 0.1


def measure(task: Run) -> Outcome:
    """Data, model, start, draws, file: each in its own module, in this order."""
    watch = Stopwatch(task)
    with watch.phase("importing", "import_s"):
        # Here and not above: importing takes seconds, and they should be seen as such.
        from .compiling import check_start, compile_model
        from .config import read_configuration
        from .data import observe
        from .models import build_model
        from .sampling import MAX_TREEDEPTH, Progress, Settings, sample
        from .storage import check_storage, save_draws
        from .trimming import trim
        from .versions import versions

        check_storage(task.directory)
    with watch.phase("reading", "data_s"):
        configuration = read_configuration(task.request.configuration)
        observations = observe(configuration)
    warnings = _warnings(configuration, observations.report)
    for warning in warnings:
        task.events.warning(**warning)
    with watch.phase("building", "build_s"):
        built = build_model(configuration, observations)
    with watch.phase("compiling", "compile_s"):
        compiled = compile_model(built)
        start = check_start(compiled, task.request.seed)

    settings = Settings(
        chains=configuration.chains,
        tune=configuration.tune,
        draws=configuration.draws,
        target_accept=configuration.target_accept,
        adaptation=configuration.adaptation,
        seed=task.request.seed,
        cores=min(configuration.chains, task.request.cpus),
    )
    announced = {"tuning"}

    def report(progress: Progress) -> None:
        if progress.phase not in announced:
            announced.add(progress.phase)
            task.events.phase(progress.phase)
        detail = {key: getattr(progress, key) for key in ("divergences", "gradients", "step_size", "chains")}
        task.events.progress(progress.done, progress.total, "draws", detail)

    task.stop.defer()
    with watch.phase("tuning", "sample_s"):
        sampled = sample(compiled, settings, report, lambda: task.stop.requested)
    with watch.phase("writing", "write_s"):
        trimmed = trim(sampled.trace)
        attributes = {
            "worker": "ideal-point",
            "model": configuration.model,
            "priors": built.priors,
            "notes": built.notes,
            "sampler": asdict(settings) | {"max_treedepth": MAX_TREEDEPTH},
            "polarity": configuration.data.polarity,
            "parties": list(observations.party_pair) if observations.party_pair else None,
            "start_oriented_by": observations.component.oriented_by,
        }
        save_draws(task.directory / DRAWS, trimmed, observations, attributes)

    payload = {
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
        "observations": observations.report["cells"]["observed"],
        "parameters": int(compiled.n_dim),
        "timings": watch.timings,
        "memory": {"rss_peak_bytes": rss_peak_bytes()},
        "versions": versions(),
        "data": observations.report,
        "start": {
            "positions": "first principal component of the votes, z-scored",
            "explained_share": observations.component.explained_share,
            "oriented_by": observations.component.oriented_by,
            "oriented_by_scores": observations.component.oriented_by_scores,
            "jitter": dict.fromkeys(built.jittered, "uniform(-1, 1), unconstrained scale"),
            **start,
        },
        "warnings": warnings,
    }
    return Outcome("posterior", payload, [DRAWS], partial=not sampled.complete)


class Stopwatch:
    """Tells the phases to the events and keeps how long each took."""

    def __init__(self, task: Run) -> None:
        self._task = task
        self.timings: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str, timing: str) -> Iterator[None]:
        """One phase."""
        self._task.events.phase(name)
        since = time.perf_counter()
        yield
        self.timings[timing] = round(time.perf_counter() - since, 4)


def _warnings(configuration: Any, report: dict[str, Any]) -> list[dict[str, str]]:
    share = report["negative_discrimination_share"]
    if not configuration.beta_prior.positive or share <= TOLERATED_SHARE:
        return []
    found = f"β is positive by its prior, but {share:.0%} of the roll calls discriminate the other way"
    if configuration.data.polarity == "none":
        message = f"{found}; set polarity: party"
        return [{"code": "positive-prior-without-polarity", "message": message}]
    return [{"code": "polarity-incomplete", "message": f"{found} although recoded by party"}]


if __name__ == "__main__":
    run(measure)
