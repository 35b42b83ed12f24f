"""What vLLM made of the settings, read back from the running engine."""

from collections.abc import Mapping, Sequence
from typing import Any


def effective_settings(config: Any, facts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Settings under the configuration's names; `config` is vLLM's, `facts` are its workers'."""
    model, cache, scheduler = config.model_config, config.cache_config, config.scheduler_config
    compute_dtype = str(model.dtype).removeprefix("torch.")
    return {
        "device": config.device_config.device_type,
        "threads": one_of(fact["threads"] for fact in facts),
        "compute_dtype": compute_dtype,
        "quantization": _quantization(model.quantization, facts),
        "enforce_eager": model.enforce_eager,
        "optimization_level": int(config.optimization_level),
        "performance_mode": config.performance_mode,
        "attention_backend": one_of(", ".join(fact["attention_backends"]) for fact in facts),
        "max_model_len": model.max_model_len,
        "kv_cache_dtype": _cache_dtype(cache.cache_dtype, compute_dtype, facts),
        "kv_cache_memory_bytes": cache.kv_cache_memory_bytes,
        "gpu_memory_utilization": cache.gpu_memory_utilization,
        "block_size": cache.block_size,
        "cpu_offload_gb": config.offload_config.uva.cpu_offload_gb,
        "tensor_parallel_size": config.parallel_config.tensor_parallel_size,
        "pipeline_parallel_size": config.parallel_config.pipeline_parallel_size,
        "enable_expert_parallel": config.parallel_config.enable_expert_parallel,
        "max_num_seqs": scheduler.max_num_seqs,
        "max_num_batched_tokens": scheduler.max_num_batched_tokens,
        "enable_chunked_prefill": scheduler.enable_chunked_prefill,
        "async_scheduling": scheduler.async_scheduling,
    }


def _quantization(named: str | None, facts: Sequence[Mapping[str, Any]]) -> str | None:
    """Tell the method that layers have; some are for experts only, and vLLM forgets them for other models."""
    if named is None or any(fact["quantised"] for fact in facts):
        return named
    return "none"


def _cache_dtype(named: str, compute_dtype: str, facts: Sequence[Mapping[str, Any]]) -> str:
    """Tell the type by its name where all backends know that one, else as it is stored: some don't look."""
    if named == "auto":
        return compute_dtype
    if all(fact["kv_cache_is_known"] for fact in facts):
        return named
    stored = {dtype.removeprefix("torch.") for fact in facts for dtype in fact["kv_cache_stored_as"]}
    return ", ".join(sorted(stored))


def one_of(values: Any) -> Any:
    """Return the value that all have in common; None when they differ."""
    found = set(values)
    return found.pop() if len(found) == 1 else None
