"""Methods that vLLM adds to its own workers, in whatever process those run: they know what is effective."""

from collections.abc import Iterator
from typing import Any

import torch


class Extension:
    """Called through `collective_rpc`; `self` is vLLM's worker."""

    vllm_config: Any

    def nx_study_facts(self) -> dict[str, Any]:
        """Threads, backends of attention, bytes of the KV cache, seconds of compilation."""
        layers = self.vllm_config.compilation_config.static_forward_context.values()
        backends = {layer.attn_backend.get_name() for layer in layers if hasattr(layer, "attn_backend")}
        return {
            "threads": torch.get_num_threads(),
            "attention_backends": sorted(backends),
            "kv_cache_bytes": _bytes_of([layer.kv_cache for layer in layers if hasattr(layer, "kv_cache")]),
            "compilation_s": self.vllm_config.compilation_config.compilation_time,
        }

    def nx_study_reset_peaks(self) -> None:
        """Start torch's peaks anew."""
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()

    def nx_study_peaks(self) -> dict[str, int] | None:
        """Most bytes that torch used and held on the GPU; None on a CPU."""
        if not torch.cuda.is_available():
            return None
        return {
            "torch_allocated_peak_bytes": torch.cuda.max_memory_allocated(),
            "torch_reserved_peak_bytes": torch.cuda.max_memory_reserved(),
        }


def _bytes_of(caches: Any) -> int:
    """Bytes of all tensors in nested lists; layers may share a storage."""
    storages = (tensor.untyped_storage() for tensor in _tensors(caches))
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())


def _tensors(caches: Any) -> Iterator[torch.Tensor]:
    if isinstance(caches, torch.Tensor):
        yield caches
    elif isinstance(caches, list | tuple):
        for cache in caches:
            yield from _tensors(cache)
