"""Settings as the loaded model has them, whatever was asked."""

from collections import Counter
from typing import Any

import torch


def name_of(dtype: torch.dtype) -> str:
    """Name a type as the configuration does, such as `bfloat16`."""
    return str(dtype).removeprefix("torch.")


def compute_dtype(model: Any) -> str:
    """Type of the activations: that of the layers which are never quantised."""
    return name_of(model.get_input_embeddings().weight.dtype)


def attention(model: Any) -> str:
    """Implementation of the attention."""
    return model.config._attn_implementation


def quantisation(model: Any) -> str | None:
    """How most of the linear layers hold their weights; null when as they are."""
    linear = (module for module in model.modules() if isinstance(module, torch.nn.Linear))
    found = Counter(map(_quantisation_of, linear))
    return found.most_common(1)[0][0]


def is_compiled(model: Any) -> bool:
    """Generate has compiled the decoding step."""
    return hasattr(model, "_compiled_call")


def _quantisation_of(module: torch.nn.Linear) -> str | None:
    weight = module.weight
    match type(module).__name__, type(weight).__name__:
        case "Linear8bitLt", _:
            return "bnb-int8"
        case "Linear4bit", _:
            return f"bnb-{weight.quant_type}"
        case _, "Int8Tensor":
            return "torchao-int8-dynamic" if weight.act_quant_kwargs else "torchao-int8-weight-only"
        case "Linear", "Parameter":
            return None
        case other:
            return " ".join(other)
