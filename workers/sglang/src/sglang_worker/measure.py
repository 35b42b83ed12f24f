"""One measurement: `python -m sglang_worker.measure RUN_DIRECTORY`."""

from pathlib import Path

from nx_study_inference import measure_inference
from nx_study_models import local_model
from nx_study_worker import Outcome, Run, Unsupported, run

from .engine import SglangEngine


def measure(task: Run) -> Outcome:
    """Measure what the request asks for."""
    path = Path(task.request.configuration["model"])
    if path.is_file():
        raise Unsupported(f"model: {path.name} is a file, SGLang reads folders in Hugging Face's layout")
    return measure_inference(task, SglangEngine(task.request, local_model(task.request)))


# SGLang's processes import this module again to begin.
if __name__ == "__main__":
    run(measure)
