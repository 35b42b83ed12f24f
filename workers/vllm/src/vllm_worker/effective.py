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
        "quantization": model.quantization,
        "enforce_eager": model.enforce_eager,
        "optimization_level": int(config.optimization_level),
        "performance_mode": config.performance_mode,
        "attention_backend": one_of(", ".join(fact["attention_backends"]) for fact in facts),
        "max_model_len": model.max_model_len,
        "kv_cache_dtype": compute_dtype if cache.cache_dtype == "auto" else cache.cache_dtype,
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


def one_of(values: Any) -> Any:
    """Return the value that all have in common; None when they differ."""
    found = set(values)
    return found.pop() if len(found) == 1 else None
