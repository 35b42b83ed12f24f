"""One measurement: `python -m vllm_worker.measure RUN_DIRECTORY`."""

from nx_study_inference import measure_inference
from nx_study_models import local_model
from nx_study_worker import Outcome, Run, run

from .engine import VllmEngine


def measure(task: Run) -> Outcome:
    """Measure what the request asks for; a model that is not yet a folder becomes one first."""
    model = local_model(task.request, lambda line: print(line, flush=True))
    return measure_inference(task, VllmEngine(task.request, model, task.directory / "worker.log"))


# vLLM's processes import this module again to begin.
if __name__ == "__main__":
    run(measure)
