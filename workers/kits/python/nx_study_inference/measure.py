"""The measurement of one engine, from import to the last window of energy."""

import platform
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nx_study_worker import Events, Outcome, Run

from .decisions import MeasureRules, WarmupRules
from .energy import Idle, Sources, energy_pass, find_sources, idle_energy, unavailable
from .engine import Engine
from .folders import known_of_model
from .loading import Loaded, load_engine
from .passes import Passes, iteration_payload, prefill_payload, tokens_of
from .prompts import Prompts, prompts_of_file, random_prompts
from .rapl import POWERCAP
from .workloads import SHAPE, Workload, in_order, workloads_of

NOT_SETTINGS = ("model", "workloads", "prompts", "warmup", "measure", "energy", *SHAPE)
PROGRESS_PERIOD_S = 1.0


def measure_inference(task: Run, engine: Engine, powercap: Path = POWERCAP) -> Outcome:
    """Measure all workloads of the configuration with `engine`; the payload is an `llm-inference` one.

    Phases: importing, loading, idle, first-call, then for each workload warming-up, measuring, prefilling,
    memory, energy; at last teardown, when the result is on the disk.
    """
    task.closing.append(engine.close)
    return Outcome("llm-inference", _Measurement(task, engine, powercap).payload())


class _Measurement:
    def __init__(self, task: Run, engine: Engine, powercap: Path) -> None:
        self._task = task
        self._engine = engine
        self._powercap = powercap
        self._configuration: Mapping[str, Any] = task.request.configuration
        self._workloads = workloads_of(self._configuration)
        self._reasons: dict[str, str] = {}

    def payload(self) -> dict[str, Any]:
        engine, task = self._engine, self._task
        loaded = load_engine(task, engine, self._workloads)
        self._reasons.update(loaded.reasons)
        prompts = self._prompts()
        sources, idle = self._idle()
        order = in_order(self._workloads, task.request.seed)
        task.events.phase("first-call")
        first_call = Passes(engine, prompts, order[0]).call("first-call", 0)
        measured = {
            workload.index: self._measure(workload, position, prompts, loaded, sources, idle)
            for position, workload in enumerate(order)
        }
        return {
            "engine": {
                "name": engine.name,
                "version": engine.version,
                "through": engine.through,
                "build": engine.build(),
            },
            "model": {**known_of_model(task.request, engine.model_files), **engine.describe_model()},
            "settings": {"asked": self._asked(), "effective": engine.effective()},
            "load": {**loaded.load, "first_call_s": round(first_call.elapsed_s, 6)},
            "workloads": [measured[workload.index] for workload in self._workloads],
            "versions": {"python": platform.python_version(), **engine.versions()},
            "warnings": [],  # they are events
            "reasons": self._reasons,
        }

    def _prompts(self) -> Prompts:
        file = self._configuration.get("prompts")
        if file is None:
            return random_prompts(self._task.request.seed, self._engine.allowed_ids())
        longest = max(workload.prompt_tokens for workload in self._workloads)
        return prompts_of_file(
            Path(file),
            self._engine.encode,
            longest,
            lambda message: self._task.events.warning("prompts-repeat", message),
        )

    def _idle(self) -> tuple[Sources, Idle]:
        energy = self._configuration["energy"]
        if energy is None:
            return Sources(), Idle()
        sources = find_sources(self._engine.gpus, self._powercap)
        if not sources.counters:
            return sources, Idle()
        self._task.events.phase("idle")
        return sources, idle_energy(sources, energy["window_s"])

    def _measure(
        self,
        workload: Workload,
        position: int,
        prompts: Prompts,
        loaded: Loaded,
        sources: Sources,
        idle: Idle,
    ) -> dict[str, Any]:
        phase = self._task.events.phase
        passes = Passes(self._engine, prompts, workload)
        rules = MeasureRules(**self._configuration["measure"])
        warmup = WarmupRules(**self._configuration["warmup"])
        phase("warming-up")
        samples_s, verdict = passes.warm_up(warmup)
        phase("measuring")
        calls, stopped = passes.measure(rules, _Progress(self._task.events, rules.iterations))
        place = f"workloads.{workload.index}"
        prefills = []
        if self._engine.prefill_method is None:
            self._reasons[f"{place}.prefill"] = f"{self._engine.name} can't read a prompt without generating"
        else:
            phase("prefilling")
            prefills = passes.prefill(rules)
        phase("memory")
        memory, absent = loaded.memory_pass(lambda i: passes.call("memory", i), rules.memory_iterations)
        self._reasons.update({f"{place}.memory.{name}": reason for name, reason in absent.items()})
        return {
            "mode": "offline",
            "order": position,
            "batch_size": workload.batch_size,
            "prompt_tokens": workload.prompt_tokens,
            "new_tokens": workload.new_tokens,
            "warmup": {
                "samples_s": [round(sample, 6) for sample in samples_s],
                "converged": verdict.converged,
                "target_cv": warmup.target_cv,
                "cv": verdict.cv,
            },
            "stopped_by": stopped,
            "memory": memory,
            "energy": self._energy(passes, sources, idle),
            "generate": [iteration_payload(call) for call in calls],
            "prefill": [prefill_payload(call) for call in prefills],
            "prefill_method": self._engine.prefill_method,
        }

    def _energy(self, passes: Passes, sources: Sources, idle: Idle) -> dict[str, Any]:
        energy = self._configuration["energy"]
        if energy is None:
            return unavailable("not asked for")
        if not sources.counters:
            return unavailable(sources.reason)
        self._task.events.phase("energy")
        return energy_pass(lambda i: tokens_of(passes.call("energy", i)), sources, idle, energy["window_s"])

    def _asked(self) -> dict[str, Any]:
        """List the settings as asked; what concerns the workloads and the loop stands elsewhere."""
        asked = {name: value for name, value in self._configuration.items() if name not in NOT_SETTINGS}
        return {**asked, **self._engine.asked()}


class _Progress:
    """Events about once a second: a result of thousands of calls needs no event for each."""

    def __init__(self, events: Events, iterations: int) -> None:
        self._events = events
        self._iterations = iterations
        self._next_s = 0.0

    def __call__(self, done: int) -> None:
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + PROGRESS_PERIOD_S
        self._events.progress(done, max(done, self._iterations), "iterations")
