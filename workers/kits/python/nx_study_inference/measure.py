"""The measurement of one engine, from import to the last window of energy."""

from nx_study_worker import Outcome, Run

from .engine import Engine


def measure_inference(task: Run, engine: Engine) -> Outcome:
    """Measure all workloads of the configuration with `engine`; the payload is an `llm-inference` one.

    Phases: importing, loading, idle, first-call, then for each workload warming-up, measuring, prefilling,
    memory, energy; at last teardown, when the result is on the disk.
    """
    raise NotImplementedError
