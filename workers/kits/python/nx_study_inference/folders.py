"""Where an engine keeps what it compiles, and what is known about its model's file."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nx_study_worker import Request

from .pages import files_of


def compile_cache_folder(request: Request) -> Path:
    """Folder for what the engine compiles (Inductor, Triton, vLLM …), kept with the environment.

    Emptied here when the configuration says `start: cold`. Point the engine's variables there before
    importing it.
    """
    cold = request.configuration.get("start") == "cold"
    folder = Path(request.cache_dir, "compiled-cold" if cold else "compiled")
    if cold:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def known_of_model(request: Request, model_files: Sequence[Path]) -> dict[str, Any]:
    """Tell of the payload's `model` what is known without the engine."""
    written = request.configuration.get("model")
    asset = request.assets.get("model")
    name = Path(written).name if isinstance(written, str) else "synthetic"
    return {
        "name": asset["name"] if asset else name,
        "sha256": asset["sha256"] if asset else None,
        "weights_format": None,
        "parameters": None,
        "file_bytes": sum(file.stat().st_size for file in files_of(model_files)) or None,
    }
