"""From a configuration to arguments of SGLang's `Engine`, and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from nx_study_inference import Workload
from nx_study_worker import Unsupported

# Setting → argument of `Engine`, as ServerArgs names it; null leaves it to SGLang.
ARGUMENTS = {
    "attention_backend": "attention_backend",
    "chunked_prefill_size": "chunked_prefill_size",
    "compute_dtype": "dtype",
    "context_length": "context_length",
    "disable_overlap_schedule": "disable_overlap_schedule",
    "kv_cache_dtype": "kv_cache_dtype",
    "max_running_requests": "max_running_requests",
    "max_total_tokens": "max_total_tokens",
    "mem_fraction_static": "mem_fraction_static",
    "page_size": "page_size",
    "pipeline_parallel_size": "pp_size",
    "quantization": "quantization",
    "tensor_parallel_size": "tp_size",
}

# Field of the setting `cuda_graphs` → argument of `Engine`.
GRAPH_ARGUMENTS = {
    "batch_sizes": "cuda_graph_bs_decode",
    "disable_padding": "disable_cuda_graph_padding",
    "max_batch_size": "cuda_graph_max_bs_decode",
}


# SGLang shortens an answer so that its request leaves so many tokens free
# (srt/managers/scheduler.py: max_req_len, max_new_tokens).
KEPT_FREE = 2


def engine_arguments(configuration: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Arguments for `Engine`, but for the model."""
    asked = {argument: configuration[name] for name, argument in ARGUMENTS.items()}
    return {
        **given(asked),
        **graph_arguments(configuration["cuda_graphs"]),
        # Prompts of one measurement must not help each other.
        "disable_radix_cache": True,
        # Prompts are token ids, and nobody reads the text.
        "skip_tokenizer_init": True,
        "random_seed": seed,
        "stream_interval": 1,
    }


def graph_arguments(asked: Mapping[str, Any] | None) -> dict[str, Any]:
    """Arguments for CUDA graphs of decoding and prefill; None: no graphs."""
    if asked is None:
        return {"disable_decode_cuda_graph": True, "disable_prefill_cuda_graph": True}
    if asked["batch_sizes"] is not None and asked["max_batch_size"] is not None:
        raise Unsupported("cuda_graphs: SGLang takes batch_sizes or max_batch_size, not both")
    return {
        **given({argument: asked[name] for name, argument in GRAPH_ARGUMENTS.items()}),
        "disable_prefill_cuda_graph": not asked["prefill"],
    }


def given(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is left to SGLang."""
    return {name: value for name, value in settings.items() if value is not None}


def effective_settings(info: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as `Engine.get_server_info` has them after the start; None where it doesn't tell."""
    told = {name: info.get(argument) for name, argument in ARGUMENTS.items()}
    # "auto" is what was asked, not what is in effect.
    return {name: None if value == "auto" else value for name, value in told.items()}


def check_fits(workloads: Sequence[Workload], info: Mapping[str, Any]) -> None:
    """Refuse what SGLang would do in turns, or cut short: then it is not what was asked."""
    sequences = most_sequences(info)
    tokens, length_most = info.get("max_total_num_tokens"), info.get("context_length")
    for workload in workloads:
        length = workload.prompt_tokens + workload.new_tokens
        if sequences is not None and workload.batch_size > sequences:
            raise Unsupported(f"batch_size: {workload.batch_size}, but max_running_requests is {sequences}")
        if length_most is not None and length > length_most - KEPT_FREE:
            raise Unsupported(
                f"prompt_tokens + new_tokens = {length}, but context_length is {length_most}, "
                f"of which SGLang keeps {KEPT_FREE} tokens free"
            )
        if tokens is not None and max(workload.batch_size * length, length + KEPT_FREE) > tokens:
            raise Unsupported(
                f"{workload.batch_size} sequences of {length} tokens do not fit into the KV cache, "
                f"which has room for {tokens}: raise mem_fraction_static or max_total_tokens"
            )


def most_sequences(info: Mapping[str, Any]) -> int | None:
    """Sequences that run at once: of SGLang's scheduler, or else as asked."""
    states = info.get("internal_states") or [{}]
    return states[0].get("effective_max_running_requests_per_dp") or info.get("max_running_requests")
