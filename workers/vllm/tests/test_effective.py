from types import SimpleNamespace

from vllm_worker.effective import effective_settings, one_of


def config_of(**changes):
    values = {"dtype": "torch.bfloat16", "cache_dtype": "auto", **changes}
    return SimpleNamespace(
        device_config=SimpleNamespace(device_type="cpu"),
        model_config=SimpleNamespace(
            dtype=values["dtype"],
            quantization=values.get("quantization"),
            enforce_eager=True,
            max_model_len=1024,
        ),
        cache_config=SimpleNamespace(
            cache_dtype=values["cache_dtype"],
            kv_cache_memory_bytes=2**30,
            gpu_memory_utilization=0.92,
            block_size=128,
        ),
        scheduler_config=SimpleNamespace(
            max_num_seqs=128, max_num_batched_tokens=2048, enable_chunked_prefill=True, async_scheduling=False
        ),
        parallel_config=SimpleNamespace(
            tensor_parallel_size=1, pipeline_parallel_size=1, enable_expert_parallel=False
        ),
        offload_config=SimpleNamespace(uva=SimpleNamespace(cpu_offload_gb=0.0)),
        optimization_level=2,
        performance_mode="balanced",
    )


FACT = {
    "threads": 2,
    "quantised": False,
    "attention_backends": ["CPU_ATTN"],
    "kv_cache_is_known": True,
    "kv_cache_stored_as": ["torch.uint8"],
}


def test_types_have_the_names_of_the_settings():
    effective = effective_settings(config_of(), [FACT])
    assert effective["compute_dtype"] == "bfloat16"
    assert effective["kv_cache_dtype"] == "bfloat16"
    assert effective["attention_backend"] == "CPU_ATTN"
    assert effective["threads"] == 2


def test_a_cache_type_of_its_own():
    effective = effective_settings(config_of(cache_dtype="fp8"), [FACT])
    assert effective["kv_cache_dtype"] == "fp8"


def test_a_cache_type_that_the_backend_does_not_know_is_told_as_it_is_stored():
    facts = [{**FACT, "kv_cache_is_known": False}]
    assert (
        effective_settings(config_of(cache_dtype="int4_per_token_head"), facts)["kv_cache_dtype"] == "uint8"
    )
    assert effective_settings(config_of(), facts)["kv_cache_dtype"] == "bfloat16"


def test_a_quantisation_that_no_layer_has_is_none():
    config = config_of(quantization="experts_int8")
    assert effective_settings(config, [FACT])["quantization"] == "none"
    assert effective_settings(config, [{**FACT, "quantised": True}])["quantization"] == "experts_int8"
    assert effective_settings(config_of(), [FACT])["quantization"] is None


def test_workers_that_disagree_tell_nothing():
    facts = [FACT, {**FACT, "threads": 3}]
    assert effective_settings(config_of(), facts)["threads"] is None
    assert one_of([1, 1]) == 1
