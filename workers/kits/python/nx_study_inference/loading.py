"""From nothing to a model that can generate, each part timed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from nx_study_worker import Run

from .collector import keep_from_collector
from .engine import Engine
from .folders import point_compilers_to
from .memory import NO_PROC, MemoryPass
from .pages import prepare_pages
from .passes import clock_s
from .processes import resident_bytes
from .workloads import Workload

T = TypeVar("T")


@dataclass(frozen=True)
class Loaded:
    """The payload's `load` but for the first call, the reasons of its nulls, and the memory before."""

    load: dict[str, Any]
    reasons: dict[str, str]
    memory_pass: MemoryPass


def load_engine(task: Run, engine: Engine, workloads: Sequence[Workload]) -> Loaded:
    """Import, prepare the page cache, read the model, make the context."""
    compile_cache = _compile_cache_state(engine.compile_cache)
    if engine.compile_cache is not None:
        point_compilers_to(engine.compile_cache)
    task.events.phase("importing")
    import_s, _ = _timed(engine.import_modules)
    memory_pass = MemoryPass(engine)
    pages = prepare_pages(task.request.configuration.get("start", "warm"), engine.model_files)
    task.events.phase("loading")
    read_s, _ = _timed(engine.read_model)
    context_s, no_context = _timed(lambda: engine.make_context(workloads))
    rss_peak_bytes = resident_bytes("VmHWM")
    keep_from_collector()
    reasons = {
        "load.cold": pages.reason,
        "load.context_s": no_context,
        "load.rss_peak_bytes": NO_PROC if rss_peak_bytes is None else None,
    }
    load = {
        "cold": pages.cold,
        "page_cache": pages.page_cache,
        "compile_cache": compile_cache,
        "import_s": round(import_s, 6),
        "read_s": round(read_s, 6),
        "context_s": None if no_context else round(context_s, 6),
        "rss_peak_bytes": rss_peak_bytes,
    }
    return Loaded(load, {path: reason for path, reason in reasons.items() if reason}, memory_pass)


def _timed(action: Callable[[], T]) -> tuple[float, T]:
    start_s = clock_s()
    value = action()
    return clock_s() - start_s, value


def _compile_cache_state(folder: Path | None) -> str:
    if folder is None:
        return "none"
    return "kept" if any(path.is_file() for path in folder.rglob("*")) else "empty"
