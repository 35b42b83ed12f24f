"""From a folder to a model that is ready to compute."""

from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoModelForCausalLM, GenerationConfig

from .settings import Settings


def load(folder: Path, device: str, settings: Settings) -> Any:
    """Load, cast, quantise. Weights come from safetensors only: nothing in the folder is executed."""
    options = {"device_map": {"": device}} if device != "cpu" else {}
    model = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=getattr(torch, settings.compute_dtype),
        attn_implementation=settings.attention,
        quantization_config=_quantisation(settings),
        local_files_only=True,
        use_safetensors=True,
        **options,
    ).eval()
    # The model's own wishes (sampling, an end of sequence) would be filled in where a call names none.
    model.generation_config = GenerationConfig(pad_token_id=model.generation_config.pad_token_id)
    return model


def _quantisation(settings: Settings) -> Any:
    match settings.quantisation:
        case None:
            return None
        case "bnb-int8":
            return transformers.BitsAndBytesConfig(load_in_8bit=True)
        case "bnb-nf4":
            return transformers.BitsAndBytesConfig(
                load_in_4bit=True,
                bnb_4bit_quant_type="nf4",
                bnb_4bit_compute_dtype=getattr(torch, settings.compute_dtype),
            )
        case "torchao-int8-weight-only":
            from torchao.quantization import Int8WeightOnlyConfig

            return transformers.TorchAoConfig(Int8WeightOnlyConfig())
        case "torchao-int8-dynamic":
            from torchao.quantization import Int8DynamicActivationInt8WeightConfig

            return transformers.TorchAoConfig(Int8DynamicActivationInt8WeightConfig())
    raise ValueError(settings.quantisation)
