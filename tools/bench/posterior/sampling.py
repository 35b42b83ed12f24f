"""Sampling by worker and by bare nutpie, in turns in one process: python sampling.py CONFIGURATION PAIRS."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import nutpie
from plain import bare_compile, read, worker_model

from nx_study_posterior.samplers.nutpie_nuts import sample_compiled


def main(configuration: str, pairs: int) -> None:
    """Print the CPU seconds of each, all threads included, pair by pair; a pair has one seed."""
    settings, observations = read(configuration)
    compiled = bare_compile(worker_model(settings, observations))
    events: list[Any] = []
    samplers: dict[str, Callable[[Any], Any]] = {
        "bare": lambda sampler: by_nutpie(compiled, sampler),
        "worker": lambda sampler: sample_compiled(compiled, sampler, events.append, lambda: False),
    }
    found: dict[str, list[float]] = {name: [] for name in samplers}
    for pair in range(pairs + 1):
        for name in samplers if pair % 2 else reversed(samplers):
            begin_s = time.process_time()
            samplers[name](settings.sampler(pair, 1))
            # The first pair warms up.
            if pair > 0:
                found[name].append(time.process_time() - begin_s)
    print(json.dumps({**found, "events": len(events)}))


def by_nutpie(compiled: Any, settings: Any) -> Any:
    """As its documentation has it."""
    options = {name: getattr(settings, name) for name in ("chains", "tune", "draws", "target_accept", "seed")}
    return nutpie.sample(compiled, **options, cores=1, progress_bar=False)


main(sys.argv[1], int(sys.argv[2]))
