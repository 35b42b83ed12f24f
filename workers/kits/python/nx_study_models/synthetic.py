"""Shapes of synthetic models, as `model: {synthetic: {…}}` writes them."""

from collections.abc import Mapping
from typing import Any

from nx_study_worker import Unsupported

from .derived import form_of
from .hashing import sha256_of_json


def name_of(shape: Mapping[str, Any]) -> str:
    """Name for people, such as `synthetic-llama-2x64`: layers × hidden size."""
    return f"synthetic-{shape['architecture']}-{shape['layers']}x{shape['hidden_size']}"


def key_of(shape: Mapping[str, Any]) -> str:
    """Name of the derived folder, different for each shape and seed; Unsupported for the impossible."""
    check_shape(shape)
    return f"{name_of(shape)}-{sha256_of_json(dict(shape))[:32]}-{form_of('synthesise', 'synthetic')}"


def check_shape(shape: Mapping[str, Any]) -> None:
    """Refuse what no transformer can be; ranges of single numbers are the schema's."""
    hidden, heads, kv_heads = shape["hidden_size"], shape["heads"], shape["kv_heads"]
    if hidden % (2 * heads):
        raise Unsupported(f"model.synthetic: hidden_size {hidden} is not an even multiple of heads {heads}")
    if heads % kv_heads:
        raise Unsupported(f"model.synthetic: heads {heads} is not a multiple of kv_heads {kv_heads}")


def hugging_face_names(shape: Mapping[str, Any]) -> dict[str, Any]:
    """Translate a shape into keywords of a Hugging Face configuration."""
    return {
        "num_hidden_layers": shape["layers"],
        "hidden_size": shape["hidden_size"],
        "intermediate_size": shape["intermediate_size"],
        "num_attention_heads": shape["heads"],
        "num_key_value_heads": shape["kv_heads"],
        "head_dim": shape["hidden_size"] // shape["heads"],
        "vocab_size": shape["vocabulary"],
        "max_position_embeddings": shape["context"],
        "tie_word_embeddings": shape["tie_embeddings"],
    }
