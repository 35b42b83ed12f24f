"""The measurement of one engine, from import to the last window of energy."""

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nx_study_dataset import read_dataset, refuse_two_files
from nx_study_worker import Outcome, Run

from .engine import Engine
from .folders import known_of_model
from .loading import load_engine
from .meter import Meter
from .passes import Passes
from .prompts import Prompts, prompts_of_dataset, prompts_of_file, random_prompts
from .rapl import POWERCAP
from .rows import measure_row
from .workloads import SHAPE, in_order, workloads_of

# What concerns the workloads and the loop stands elsewhere in the payload.
NOT_SETTINGS = ("model", "workloads", "prompts", "dataset", "warmup", "measure", "energy", *SHAPE)


def measure_inference(task: Run, engine: Engine, powercap: Path = POWERCAP) -> Outcome:
    """Measure all workloads of the configuration with `engine`; the payload is an `llm-inference` one.

    Phases: importing, loading, idle, first-call, then for each workload warming-up, measuring, prefilling,
    memory, energy; at last teardown, when the result is on the disk.
    """
    task.closing.append(engine.close)
    return Outcome("llm-inference", _payload(task, engine, powercap))


def _payload(task: Run, engine: Engine, powercap: Path) -> dict[str, Any]:
    configuration, phase = task.request.configuration, task.events.phase
    workloads = workloads_of(configuration)
    refuse_two_files(configuration)
    loaded = load_engine(task, engine, workloads)
    prompts = _prompts(task, engine, max(workload.prompt_tokens for workload in workloads))
    energy = configuration["energy"]
    meter = Meter(energy and energy["window_s"], engine.gpus, powercap)
    meter.idle(phase)
    order = in_order(workloads, task.request.seed)
    phase("first-call")
    first_call = Passes(engine, prompts, order[0]).call("first-call", 0)
    reasons = dict(loaded.reasons)
    rows: dict[int, dict[str, Any]] = {}
    for position, workload in enumerate(order):
        row, absent = measure_row(task, engine, workload, prompts, loaded.memory_pass, meter)
        rows[workload.index] = {**row, "order": position}
        reasons.update({f"workloads.{workload.index}.{name}": reason for name, reason in absent.items()})
    return {
        "engine": {
            "name": engine.name,
            "version": engine.version,
            "through": engine.through,
            "build": engine.build(),
        },
        "model": {**known_of_model(task.request, engine.model_files), **engine.describe_model()},
        "settings": {"asked": {**_asked(configuration), **engine.asked()}, "effective": engine.effective()},
        "load": {**loaded.load, "first_call_s": round(first_call.elapsed_s, 6)},
        "workloads": [rows[workload.index] for workload in workloads],
        "versions": {"python": platform.python_version(), **engine.versions()},
        "warnings": [],  # they are events
        "reasons": reasons,
    }


def _prompts(task: Run, engine: Engine, longest: int) -> Prompts:
    configuration, seed = task.request.configuration, task.request.seed
    if (asked := configuration.get("dataset")) is not None:
        # Read when the engine is loaded, whose memory and seconds hold nothing of it.
        return prompts_of_dataset(read_dataset(asked, seed), engine, longest, task.events.warning)
    file = configuration.get("prompts")
    if file is None:
        return random_prompts(seed, engine.allowed_ids())
    return prompts_of_file(
        Path(file), engine.encode, longest, lambda message: task.events.warning("prompts-repeat", message)
    )


def _asked(configuration: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in configuration.items() if name not in NOT_SETTINGS}
