"""Where an engine keeps what it compiles, and what is known about its model's file."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nx_study_worker import Request

from .pages import files_of

# What no compiler ever sees. Of the model it sees the content, whatever its path.
NOT_COMPILED = ("energy", "measure", "model", "prompts", "start", "warmup")

# Each would be in the user's home, or in the system's folder for temporary files, and outlive the run there.
VARIABLES = {
    "CUDA_CACHE_PATH": "cuda",
    "FLASHINFER_WORKSPACE_BASE": "flashinfer",
    "TORCHINDUCTOR_CACHE_DIR": "inductor",
    "TRITON_CACHE_DIR": "triton",
    "XDG_CACHE_HOME": "xdg",
    # Inductor keeps its compiled headers below it, whatever its own folder is.
    "TMPDIR": "tmp",
}


def compile_cache_folder(request: Request) -> Path:
    """Folder for what the engine compiles (Inductor, Triton, vLLM …), kept with the environment.

    Each configuration has its own, so that nothing in it comes from another one. An empty one when the
    configuration says `start: cold`. The kit points `VARIABLES` into it before `import_modules`.
    """
    cold = request.configuration.get("start") == "cold"
    folder = Path(request.cache_dir, "compiled-cold" if cold else f"compiled/{_key(request)}")
    if cold:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def point_compilers_to(folder: Path) -> None:
    """Set the variables of compilers that are not imported yet, for this process and its children."""
    os.environ.update({name: str(folder / below) for name, below in VARIABLES.items()})
    Path(os.environ["TMPDIR"]).mkdir(exist_ok=True)
    tempfile.tempdir = None  # to be read from the variable again


def known_of_model(request: Request, model_files: Sequence[Path]) -> dict[str, Any]:
    """Tell of the payload's `model` what is known without the engine."""
    written = request.configuration.get("model")
    asset = request.assets.get("model")
    place = Path(written).name if isinstance(written, str) else "synthetic"
    return {
        "name": (asset and asset["name"]) or place,  # one that the study names by its path has no name
        "sha256": asset["sha256"] if asset else None,
        "weights_format": None,
        "parameters": None,
        "file_bytes": sum(file.stat().st_size for file in files_of(model_files)) or None,
    }


def _key(request: Request) -> str:
    """Name of a configuration, short: paths of sockets below it may have about a hundred characters."""
    asset = request.assets.get("model")
    model = asset["sha256"] if asset else request.configuration.get("model")
    settings = {name: value for name, value in request.configuration.items() if name not in NOT_COMPILED}
    text = json.dumps([model, settings, request.cpus], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
