"""The command line: which checks run, in which order, and what is printed."""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from nx_study_inference.nvml import LIBRARY, Nvml, NvmlError

from .judging import (
    LEFT_BYTES,
    Judgement,
    Sample,
    judge_baseline,
    judge_energy,
    judge_payload,
    judge_throttling,
)
from .readings import Gpu, recorded, wait_for_baseline
from .report import as_json, as_table
from .workers import ENGINES, is_installed, python_of, run_worker

HELD, FAILED, NO_GPU = 0, 1, 3
# All of it stays below five minutes.
MOST_S = 285.0
BASELINE_S = 30.0
# Of the one that runs first: the other has what is left.
MOST_OF_FIRST_S = 150.0
IDLE_WINDOW_S = 12.0

EXIT_CODES = """exit codes: 0 nothing failed; 1 something failed; 2 wrong arguments; 3 no NVIDIA GPU

A check that is "not run" has not failed: look at the table."""


def main(arguments: Sequence[str], library: str = LIBRARY) -> int:
    """Check the first visible GPU, print what held, and return the exit code."""
    asked = _parser().parse_args(arguments)
    gpu, reason = _open(library)
    if gpu is None:
        print(
            json.dumps({"gpu": None, "reason": reason, "checks": []}) if asked.json else f"no GPU: {reason}"
        )
        return NO_GPU
    begin = time.perf_counter()
    named = {"transformers": asked.transformers_python, "vllm": asked.vllm_python}
    pythons = {engine: python or python_of(engine, _cache()) for engine, python in named.items()}
    judgements = _checked(gpu, pythons, begin)
    elapsed_s = time.perf_counter() - begin
    print((as_json if asked.json else as_table)(gpu.name(), judgements, elapsed_s))
    return FAILED if any(judgement.state == "failed" for judgement in judgements) else HELD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gpu-check",
        description="Checks that nx-study's Python workers, NVML energy, memory and throttling work on this "
        "machine's first visible GPU (CUDA_VISIBLE_DEVICES), with random weights. Nothing is fetched; "
        "it takes less than five minutes.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    for engine in ENGINES:
        parser.add_argument(
            f"--{engine}-python",
            metavar="PROGRAM",
            help=f"the Python that has {engine} with CUDA; by default the one that runs this, or that of "
            "nx-study's environment, where there is one",
        )
    return parser


def _cache() -> Path:
    """The folder in which nx-study keeps its environments."""
    own, shared = os.environ.get("NX_STUDY_CACHE_DIR"), os.environ.get("XDG_CACHE_HOME")
    return Path(own) if own else Path(shared or Path.home() / ".cache") / "nx-study"


def _open(library: str) -> tuple[Gpu | None, str | None]:
    try:
        return Gpu.of(Nvml(library), 0), None
    except NvmlError as error:
        return None, f"NVIDIA's driver finds none: {error}"
    except OSError as error:
        return None, f"NVIDIA's driver is not here: {error}"


def _checked(gpu: Gpu, pythons: dict[str, str], begin: float) -> list[Judgement]:
    before_bytes = gpu.memory_bytes()
    with tempfile.TemporaryDirectory(prefix="gpu-check-") as folder, recorded(gpu) as samples:
        judgements = [
            judgement
            for position, (engine, python) in enumerate(pythons.items())
            for judgement in _engine(engine, python, Path(folder), _left_s(position, begin))
        ]
        _fill_window(samples)
    after_bytes, waited_s = wait_for_baseline(gpu, before_bytes, BASELINE_S, LEFT_BYTES)
    return [
        *judgements,
        judge_energy(samples, gpu.power_limit_w()),
        judge_throttling(samples),
        judge_baseline(before_bytes, after_bytes, waited_s),
    ]


def _left_s(position: int, begin: float) -> float:
    left_s = MOST_S - BASELINE_S - (time.perf_counter() - begin)
    return min(MOST_OF_FIRST_S, left_s) if position == 0 else left_s


def _engine(engine: str, python: str, folder: Path, most_s: float) -> list[Judgement]:
    for module in ("torch", engine):
        if not is_installed(python, module):
            return [Judgement(engine, "not run", f"{python} has no {module}: give --{engine}-python")]
    ran = run_worker(engine, python, folder / engine, settings=ENGINES[engine], most_s=most_s)
    if ran.payload is None:
        return [Judgement(engine, "failed", ran.reason or "without a reason")]
    return judge_payload(engine, ran.payload)


def _fill_window(samples: Sequence[Sample]) -> None:
    """Where no engine ran, the window is one of idling."""
    while not samples or samples[-1].at_s - samples[0].at_s < IDLE_WINDOW_S:
        time.sleep(0.5)
