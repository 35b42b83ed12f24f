"""Asks a worker's engine to do what requests ask for, without measuring it: what it says of each.

Usage: python engine.py WORKER QUESTIONS ANSWERS: files with a JSON list. A question is a request, and whether
only the engine may refuse it, without the checks of its worker; an answer is null, or why it is refused.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nx_study_inference import Engine, workloads_of
from nx_study_models import local_model
from nx_study_worker import Request, WorkerError


def main(worker: str, questions: Path, answers: Path) -> None:
    """Answer all questions in one process, which imports the engine once."""
    engine_for = {"transformers": transformers_engine, "vllm": vllm_engine}[worker]
    asked = json.loads(questions.read_text(encoding="utf-8"))
    told = [refusal(engine_for, Request(**one["request"]), one["by_engine"]) for one in asked]
    answers.write_text(json.dumps(told), encoding="utf-8")


def refusal(engine_for: Callable[[Request, bool], Engine], request: Request, by_engine: bool) -> str | None:
    """Why the engine doesn't do it; None when it does."""
    engine = None
    try:
        engine = engine_for(request, by_engine)
        workloads = workloads_of(request.configuration)
        engine.import_modules()
        engine.read_model()
        engine.make_context(workloads)
        for workload in workloads:
            engine.reset()
            engine.generate([[1] * workload.prompt_tokens] * workload.batch_size, workload.new_tokens)
    except WorkerError as error:
        return str(error)
    except Exception as error:  # Whatever an engine raises is its refusal.
        return f"{type(error).__name__}: {error}"
    finally:
        if engine is not None:
            engine.close()
    return None


def transformers_engine(request: Request, by_engine: bool) -> Any:
    """As the worker's own command prepares it."""
    from transformers_worker.engine import TransformersEngine
    from transformers_worker.refusals import refuse_impossible, refuse_too_long
    from transformers_worker.settings import Settings

    if (torch := sys.modules.get("torch")) is not None:
        # May be called once in a process.
        torch.set_num_interop_threads = lambda _threads: None
    settings = Settings.of(request)
    if not by_engine:
        refuse_impossible(settings)
    model = local_model(request)
    if not by_engine:
        refuse_too_long(workloads_of(request.configuration), model.folder)
    return TransformersEngine(settings, model)


def vllm_engine(request: Request, _by_engine: bool) -> Any:
    """As the worker's own command prepares it."""
    from vllm_worker.engine import VllmEngine

    return VllmEngine(request, local_model(request), Path(tempfile.mkdtemp()) / "worker.log")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
