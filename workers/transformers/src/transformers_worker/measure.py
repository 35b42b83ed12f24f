"""`python -m transformers_worker.measure RUN_DIRECTORY`: one measurement."""

from nx_study_inference import measure_inference, workloads_of
from nx_study_models import local_model
from nx_study_worker import Outcome, Run, run

from .engine import TransformersEngine
from .refusals import refuse_impossible, refuse_too_long
from .settings import Settings


def measure(task: Run) -> Outcome:
    """Refuse what can't work, prepare the model's folder, measure."""
    settings = Settings.of(task.request)
    refuse_impossible(settings)
    model = local_model(task.request, on_making=lambda line: print(line, flush=True))
    refuse_too_long(workloads_of(task.request.configuration), model.folder)
    return measure_inference(task, TransformersEngine(settings, model))


if __name__ == "__main__":
    run(measure)
