"""From a configuration to keywords of TensorRT-LLM's `LLM` and its parts."""

from collections.abc import Mapping, Sequence
from typing import Any

from nx_study_inference import Workload
from nx_study_worker import Unsupported

# Settings that have the name of a keyword of `LLM`, and its meaning; null leaves it to TensorRT-LLM.
LLM_KEYWORDS = (
    "attn_backend",
    "disable_overlap_scheduler",
    "enable_chunked_prefill",
    "max_batch_size",
    "max_num_tokens",
    "max_seq_len",
    "pipeline_parallel_size",
    "tensor_parallel_size",
)

# Setting → field of KvCacheConfig.
KV_CACHE_FIELDS = {
    "free_gpu_memory_fraction": "free_gpu_memory_fraction",
    "kv_cache_dtype": "dtype",
    "kv_cache_max_tokens": "max_tokens",
    "tokens_per_block": "tokens_per_block",
}


def llm_arguments(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords for `LLM`, but for the model and the objects for KV cache and CUDA graphs."""
    asked = {name: configuration[name] for name in LLM_KEYWORDS}
    return {**given(asked), "dtype": configuration["compute_dtype"]}


def kv_cache_arguments(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords for `KvCacheConfig`."""
    asked = {field: configuration[name] for name, field in KV_CACHE_FIELDS.items()}
    # Prompts of one measurement must not help each other.
    return {**given(asked), "enable_block_reuse": False}


def cuda_graph_arguments(configuration: Mapping[str, Any]) -> dict[str, Any] | None:
    """Keywords for `CudaGraphConfig`; None: no graphs."""
    asked = configuration["cuda_graph_config"]
    if asked is None:
        return None
    if asked["batch_sizes"] is not None and asked["max_batch_size"] is not None:
        raise Unsupported("cuda_graph_config: TensorRT-LLM takes batch_sizes or max_batch_size, not both")
    return given(asked)


def given(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is left to TensorRT-LLM."""
    return {name: value for name, value in settings.items() if value is not None}


def check_fits(workloads: Sequence[Workload], max_batch_size: int | None, max_seq_len: int | None) -> None:
    """Refuse what TensorRT-LLM would do in turns, or cut short: then it is not what was asked."""
    for workload in workloads:
        length = workload.prompt_tokens + workload.new_tokens
        if max_batch_size is not None and workload.batch_size > max_batch_size:
            raise Unsupported(f"batch_size: {workload.batch_size}, but max_batch_size is {max_batch_size}")
        if max_seq_len is not None and length > max_seq_len:
            raise Unsupported(f"prompt_tokens + new_tokens = {length}, but max_seq_len is {max_seq_len}")
