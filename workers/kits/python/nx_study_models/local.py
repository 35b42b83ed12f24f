"""The model of a request, ready to be loaded."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nx_study_worker import Request, Unsupported

from .derived import DESCRIPTION, derived_folder, form_of, makers
from .hashing import sha256_of
from .headers import Weights, read_weights
from .synthetic import key_of, name_of


@dataclass(frozen=True)
class LocalModel:
    """A folder in Hugging Face's layout; `description` is what a result says about the model."""

    folder: Path
    description: Mapping[str, Any]

    @property
    def has_tokenizer(self) -> bool:
        """Text can be turned into tokens."""
        return (self.folder / "tokenizer_config.json").exists()


def local_model(request: Request, on_making: Callable[[str], None] = lambda _: None) -> LocalModel:
    """Find the model of `request.configuration`, and make its folder where it has none yet.

    `on_making` is called with a line for people before something takes long.
    Raises Unsupported for what is no model.
    """
    model = request.configuration["model"]
    derived = Path(request.assets_dir, "derived")
    if not isinstance(model, str):
        return _synthetic(model["synthetic"], derived, on_making)
    path = Path(model)
    asset = request.assets.get("model") or {}
    known = {"name": asset.get("name") or path.name, "sha256": asset.get("sha256")}
    if path.is_file() and path.suffix == ".gguf":
        return _converted(path, known, derived, on_making)
    if path.is_dir():
        return _stored(path, known)
    raise Unsupported(f"model: {path} is neither a folder with a model nor a .gguf file")


def _stored(folder: Path, known: dict[str, Any]) -> LocalModel:
    if not (folder / "config.json").exists():
        raise Unsupported(f"model: {folder} has no config.json: not a folder in Hugging Face's layout")
    weights = read_weights(folder)
    quantised = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("quantization_config")
    return LocalModel(
        folder,
        {
            **known,
            "format": "safetensors",
            "weights": "real",
            "weights_format": quantised["quant_method"] if quantised else weights.dtype,
            # Packed weights hold several parameters in one stored number.
            "parameters": None if quantised else weights.elements,
            "file_bytes": weights.file_bytes,
            "storage_dtype": weights.dtype,
        },
    )


def _converted(
    source: Path, known: dict[str, Any], derived: Path, on_making: Callable[[str], None]
) -> LocalModel:
    sha256 = known["sha256"] or sha256_of(source)
    folder = derived_folder(
        derived / f"{sha256}-{form_of('convert')}-{makers()}",
        "nx_study_models.convert",
        [str(source)],
        lambda: on_making(f"converting {source.name} to a folder of safetensors, once"),
    )
    weights = read_weights(folder)
    return LocalModel(
        folder,
        {
            **known,
            "sha256": sha256,
            "format": "gguf",
            "weights": "real",
            "weights_format": _description(folder)["weights_format"],
            "parameters": weights.elements,
            "file_bytes": source.stat().st_size,
            "storage_dtype": weights.dtype,
        },
    )


def _synthetic(shape: Mapping[str, Any], derived: Path, on_making: Callable[[str], None]) -> LocalModel:
    folder = derived_folder(
        derived / f"{key_of(shape)}-{makers()}",
        "nx_study_models.synthesise",
        [json.dumps(dict(shape))],
        lambda: on_making(f"writing {name_of(shape)}, once"),
    )
    weights: Weights = read_weights(folder)
    return LocalModel(
        folder,
        {
            "name": name_of(shape),
            "sha256": None,
            "format": "config",
            "weights": "random",
            "weights_format": weights.dtype,
            "parameters": weights.elements,
            "file_bytes": None,
            "storage_dtype": weights.dtype,
        },
    )


def _description(folder: Path) -> dict[str, Any]:
    description: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    return description
