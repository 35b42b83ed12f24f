"""Caches of keys and values: made anew for each call, looked at afterwards."""

from typing import Any

import torch
from transformers import Cache, DynamicCache, PretrainedConfig, QuantizedCache, StaticCache


def new_cache(name: str, config: PretrainedConfig, positions: int) -> Cache:
    """Make an empty cache, as the setting `cache` names it; one of fixed size has room for `positions`."""
    match name:
        case "dynamic":
            return DynamicCache(config=config)
        case "offloaded":
            return DynamicCache(config=config, offloading=True)
        case "static":
            return StaticCache(config=config, max_cache_len=positions)
        case "quantized-fp8":
            return QuantizedCache(backend="fp8", config=config)
    raise ValueError(name)


def name_of(cache: Cache) -> str:
    """Read back which setting a cache is."""
    if isinstance(cache, QuantizedCache):
        return f"quantized-{type(cache.layers[0]).__name__.removesuffix('QuantizedLayer').lower()}"
    if isinstance(cache, StaticCache):
        return "static"
    return "offloaded" if cache.offloading else "dynamic"


def bytes_of(cache: Cache) -> int:
    """Count the bytes of all keys and values that the cache holds."""
    return sum(_tensor_bytes(value) for layer in cache.layers for value in vars(layer).values())


def _tensor_bytes(value: Any) -> int:
    if isinstance(value, torch.Tensor):
        return value.nbytes
    # Quantised states are a tensor with its scale.
    return sum(map(_tensor_bytes, value)) if isinstance(value, tuple) else 0
