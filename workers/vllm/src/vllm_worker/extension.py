"""Methods that vLLM adds to its own workers, in whatever process those run: they know what is effective."""

from collections.abc import Iterator
from typing import Any

import torch


class Extension:
    """Called through `collective_rpc`; `self` is vLLM's worker."""

    vllm_config: Any
    model_runner: Any

    def nx_study_facts(self) -> dict[str, Any]:
        """Threads, quantised layers, backends of attention, KV cache, seconds of compilation."""
        layers = self.vllm_config.compilation_config.static_forward_context.values()
        backends = [layer.attn_backend for layer in layers if hasattr(layer, "attn_backend")]
        caches = [layer.kv_cache for layer in layers if hasattr(layer, "kv_cache")]
        cache_dtype = self.vllm_config.cache_config.cache_dtype
        return {
            "threads": torch.get_num_threads(),
            "quantised": any(map(_is_quantised, self.model_runner.model.modules())),
            "attention_backends": sorted({backend.get_name() for backend in backends}),
            "kv_cache_is_known": all(backend.supports_kv_cache_dtype(cache_dtype) for backend in backends),
            "kv_cache_stored_as": sorted({str(tensor.dtype) for tensor in _tensors(caches)}),
            "kv_cache_bytes": _bytes_of(caches),
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


def _is_quantised(module: Any) -> bool:
    """Whether a layer has another method than that of plain weights; attention's is that of its cache."""
    name = type(getattr(module, "quant_method", None)).__name__
    return name != "NoneType" and not name.startswith("Unquantized") and not name.endswith("KVCacheMethod")


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
