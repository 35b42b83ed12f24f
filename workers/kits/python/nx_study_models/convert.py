"""`python -m nx_study_models.convert FILE.gguf FOLDER`: dequantised weights, configuration and tokenizer."""

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from gguf import GGUFReader, LlamaFileType
from transformers import AutoModelForCausalLM, AutoTokenizer

from nx_study_worker import Unsupported

from .derived import DESCRIPTION
from .exits import telling_exit_code
from .reading import reading

# What is stored in full keeps its type; quantised weights have fewer digits than bfloat16 in the first place.
STORAGE = {"all_f32": torch.float32, "f16": torch.float16}


def main(source: Path, folder: Path) -> None:
    """Write the folder, with a note of how the file stores its weights."""
    location = {"pretrained_model_name_or_path": str(source.parent), "gguf_file": source.name}
    with reading(source):
        weights_format = read_weights_format(source)
        tokenizer = AutoTokenizer.from_pretrained(**location)
        model, loaded = AutoModelForCausalLM.from_pretrained(
            **location,
            **_dequantised(source.name),
            dtype=STORAGE.get(weights_format, torch.bfloat16),
            output_loading_info=True,
        )
    if loaded["missing_keys"]:
        raise Unsupported(f"{source}: no weights for {', '.join(sorted(loaded['missing_keys'])[:5])}")
    tokenizer.save_pretrained(folder)
    _save(model, folder)
    (folder / DESCRIPTION).write_text(json.dumps({"weights_format": weights_format}), encoding="utf-8")


def read_weights_format(source: Path) -> str:
    """Read how the file says that most of its weights are stored, such as `q4_1`."""
    field = GGUFReader(source).fields.get("general.file_type")
    if field is None:
        return "unknown"
    return str(LlamaFileType(field.contents()).name).lower().removeprefix("mostly_")


def _dequantised(name: str) -> dict[str, Any]:
    with suppress(ImportError):  # releases without it can't do anything else
        from transformers import GgufConfig

        return {"quantization_config": GgufConfig(gguf_file=name, dequantize=True)}
    return {}


def _save(model: Any, folder: Path) -> None:
    # What was loaded from a GGUF file refuses to be saved, though nothing is packed any more.
    model.hf_quantizer = None
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(folder)


if __name__ == "__main__":
    with telling_exit_code():
        main(Path(sys.argv[1]), Path(sys.argv[2]))
