"""Where an engine keeps what it compiles, and what is known about its model's file."""

import shutil
from pathlib import Path
from typing import Any

from nx_study_worker import Request


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


def model_of_asset(request: Request, key: str = "model") -> dict[str, Any]:
    """Name and sha256 of the model as nx-study knows it: the start of `Engine.describe_model`."""
    if asset := request.assets.get(key):
        return {"name": asset["name"], "sha256": asset["sha256"]}
    return {"name": Path(str(request.configuration[key])).name, "sha256": None}
