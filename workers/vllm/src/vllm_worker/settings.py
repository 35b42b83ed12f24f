"""From a configuration to what vLLM takes: arguments of its engine and environment variables."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nx_study_worker import Unsupported

# Settings that have the name of a field of vLLM's EngineArgs, and its meaning; null leaves it to vLLM.
ENGINE_ARGUMENTS = (
    "async_scheduling",
    "attention_backend",
    "block_size",
    "cpu_offload_gb",
    "enable_chunked_prefill",
    "enable_expert_parallel",
    "enforce_eager",
    "gpu_memory_utilization",
    "kv_cache_dtype",
    "kv_cache_memory_bytes",
    "max_model_len",
    "max_num_batched_tokens",
    "max_num_seqs",
    "optimization_level",
    "performance_mode",
    "pipeline_parallel_size",
    "quantization",
    "tensor_parallel_size",
)

# vLLM alone would take nearly all of the host's memory.
CPU_KV_CACHE_BYTES = 4 * 2**30

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def engine_arguments(configuration: Mapping[str, Any], seed: int, device: str) -> dict[str, Any]:
    """Keywords for EngineArgs, but for the model; `device` is `cpu` or `cuda`."""
    asked = {name: configuration[name] for name in ENGINE_ARGUMENTS}
    if device == "cpu" and asked["kv_cache_memory_bytes"] is None and asked["gpu_memory_utilization"] is None:
        asked["kv_cache_memory_bytes"] = CPU_KV_CACHE_BYTES
    return {
        **{name: value for name, value in asked.items() if value is not None},
        "dtype": configuration["compute_dtype"],
        # Prompts of one measurement must not help each other.
        "enable_prefix_caching": False,
        "seed": seed,
        "disable_log_stats": True,
        "worker_extension_cls": "vllm_worker.extension.Extension",
    }


def threads_of(configuration: Mapping[str, Any], cpus: int) -> int:
    """Threads of each worker of the engine; Unsupported when all together want more than the allowance."""
    threads, workers = configuration["threads"], worker_count(configuration)
    if threads is not None and threads * workers > cpus:
        each = f" for each of {workers} workers" if workers > 1 else ""
        raise Unsupported(f"threads: {threads} asked{each}, but the measurement may use only {cpus} cores")
    return threads or max(1, cpus // workers)


def worker_count(configuration: Mapping[str, Any]) -> int:
    """Workers of the engine; on CUDA each takes a GPU, the first of those that CUDA shows."""
    return configuration["tensor_parallel_size"] * configuration["pipeline_parallel_size"]


def environment(configuration: Mapping[str, Any], threads: int, compile_cache: Path) -> dict[str, str]:
    """Variables that vLLM, torch and their compilers read when they are imported."""
    return {
        **dict.fromkeys(THREAD_VARIABLES, str(threads)),
        # vLLM would choose cores by itself, keep one for its scheduler, and count threads by them.
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "VLLM_ENABLE_V1_MULTIPROCESSING": str(int(configuration["multiprocessing"])),
        "VLLM_WORKER_MULTIPROC_METHOD": "spawn",
        "VLLM_CACHE_ROOT": str(compile_cache / "vllm"),
        "VLLM_CONFIG_ROOT": str(compile_cache / "vllm-config"),
        # Sockets without a file: below a folder of ours their paths might be too long.
        "VLLM_RPC_BASE_PATH": "@nx-study",
    }
