"""Asks a worker's engine to do what requests ask for, without measuring it: what it does with each.

Usage: python engine.py WORKER QUESTIONS ANSWERS: files with a JSON list. A question is a request, and whether
the worker may refuse it; without its checks only the engine can. An answer is why it is refused, or what
was done.
"""

import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from nx_study_inference import Engine, Generated, workloads_of
from nx_study_models import local_model
from nx_study_worker import Request, WorkerError


def main(worker: str, questions: Path, answers: Path) -> None:
    """Answer all questions in one process, which imports the engine once."""
    asked = json.loads(questions.read_text(encoding="utf-8"))
    told = [answer(worker, Request(**one["request"]), one["by_worker"]) for one in asked]
    answers.write_text(json.dumps(told), encoding="utf-8")


def answer(worker: str, request: Request, by_worker: bool) -> dict[str, Any]:
    """Why it is refused, or with which settings it was done."""
    engine = None
    # No other process is to find a model that nobody checked.
    own = request if by_worker else replace(request, assets_dir=tempfile.mkdtemp())
    with ExitStack() as stack:
        for place, without in {} if by_worker else CHECKS[worker].items():
            stack.enter_context(patch(place, without))
        try:
            engine = ENGINES[worker](own)
            return {"refused": None, "done": done(engine, own)}
        except WorkerError as error:
            return {"refused": str(error)}
        except Exception as error:  # Whatever an engine raises is its refusal.
            return {"refused": f"{type(error).__name__}: {error}"}
        finally:
            if engine is not None:
                engine.close()


def done(engine: Engine, request: Request) -> dict[str, Any]:
    """Settings as the engine has them, and how much of the workload it did as one batch."""
    workloads = workloads_of(request.configuration)
    engine.import_modules()
    engine.read_model()
    engine.make_context(workloads)
    for workload in workloads:
        engine.reset()
        made = engine.generate([[1] * workload.prompt_tokens] * workload.batch_size, workload.new_tokens)
    return {
        **engine.effective(),
        "new_tokens": min(made.new_tokens),
        "batch_size": at_once(made),
        "version": engine.version,
    }


def at_once(made: Generated) -> int:
    """Most sequences that got a token at the same time."""
    together = len(made.new_tokens) if len(made.token_times_s) == 1 else 1
    return max(Counter(time for times_s in made.token_times_s for time in times_s).values()) * together


def transformers_engine(request: Request) -> Engine:
    """As the worker's own command prepares it."""
    from transformers_worker import refusals
    from transformers_worker.engine import TransformersEngine
    from transformers_worker.settings import Settings

    if (torch := sys.modules.get("torch")) is not None:
        # May be called once in a process.
        torch.set_num_interop_threads = lambda _threads: None
    settings = Settings.of(request)
    refusals.refuse_impossible(settings)
    model = local_model(request)
    refusals.refuse_too_long(workloads_of(request.configuration), model.folder)
    return TransformersEngine(settings, model)


def vllm_engine(request: Request) -> Engine:
    """As the worker's own command prepares it."""
    from vllm_worker.engine import VllmEngine

    return VllmEngine(request, local_model(request), Path(tempfile.mkdtemp()) / "worker.log")


def make_here(folder: Path, command: Sequence[str], _lock: int) -> None:
    """Make a model in this process, so that what its maker says of an impossible one is heard."""
    _python, _m, module, shape = command
    folder.mkdir()
    try:
        import_module(module).main(json.loads(shape), str(folder))
    except Exception:
        shutil.rmtree(folder)
        raise


ENGINES: Mapping[str, Callable[[Request], Engine]] = {
    "transformers": transformers_engine,
    "vllm": vllm_engine,
}

# What a worker refuses by itself, before its engine is asked or after; and what stands there without it.
OF_MODELS = {
    "nx_study_models.synthetic.check_shape": lambda _shape: None,
    "nx_study_models.derived._make": make_here,
}
CHECKS: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "transformers": OF_MODELS
    | {
        "transformers_worker.refusals.refuse_impossible": lambda _settings: None,
        "transformers_worker.refusals.refuse_too_long": lambda _workloads, _folder: None,
        "transformers_worker.starting.device_of": lambda settings, _gpu, _cuda: settings.device.replace(
            "auto", "cpu"
        ),
    },
    "vllm": OF_MODELS
    | {
        "vllm_worker.engine._checked_device": lambda _asked, found: found,
        "vllm_worker.engine._check_fits": lambda _workload, _config: None,
    },
}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
