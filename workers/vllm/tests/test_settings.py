import json
from pathlib import Path

import jsonschema
import pytest

from nx_study_worker import Unsupported
from vllm_worker.settings import (
    CPU_KV_CACHE_BYTES,
    ENGINE_ARGUMENTS,
    engine_arguments,
    environment,
    threads_of,
    worker_count,
)

WORKER = Path(__file__).parents[1]
SCHEMA = json.loads(WORKER.joinpath("config.schema.json").read_text())
MANIFEST = json.loads(WORKER.joinpath("worker.json").read_text())
DEFAULTS = {name: value["default"] for name, value in SCHEMA["properties"].items()}
# Settings that are no arguments of the engine, each with the place that reads it.
ELSEWHERE = {
    "the kit": {
        "batch_size",
        "prompt_tokens",
        "new_tokens",
        "workloads",
        "prompts",
        "dataset",
        "start",
        "warmup",
        "measure",
    }
    | {"energy"},
    "nx_study_models": {"model"},
    "engine.py": {"device"},
    "environment": {"threads", "multiprocessing"},
    "engine_arguments, as dtype": {"compute_dtype"},
}


def arguments(device="cuda", **changes):
    configuration = {**DEFAULTS, **changes}
    jsonschema.validate(configuration, SCHEMA)
    return engine_arguments(configuration, 7, device)


def test_no_setting_is_left_out():
    elsewhere = set().union(*ELSEWHERE.values())
    assert set(SCHEMA["properties"]) == set(ENGINE_ARGUMENTS) | elsewhere
    assert not set(ENGINE_ARGUMENTS) & elsewhere


def test_null_leaves_the_choice_to_vllm():
    assert arguments() == {
        "dtype": "auto",
        "enable_prefix_caching": False,
        "seed": 7,
        "disable_log_stats": True,
        "worker_extension_cls": "vllm_worker.extension.Extension",
        "kv_cache_dtype": "auto",
        "enforce_eager": False,
        "enable_expert_parallel": False,
        "cpu_offload_gb": 0,
        "tensor_parallel_size": 1,
        "pipeline_parallel_size": 1,
    }


CHANGES = {
    "async_scheduling": False,
    "attention_backend": "FLASHINFER",
    "block_size": 32,
    "cpu_offload_gb": 1.5,
    "enable_chunked_prefill": False,
    "enable_expert_parallel": True,
    "enforce_eager": True,
    "gpu_memory_utilization": 0.5,
    "kv_cache_dtype": "fp8",
    "kv_cache_memory_bytes": 2**30,
    "max_model_len": 2048,
    "max_num_batched_tokens": 4096,
    "max_num_seqs": 16,
    "optimization_level": 0,
    "performance_mode": "throughput",
    "pipeline_parallel_size": 2,
    "quantization": "fp8",
    "tensor_parallel_size": 2,
}


@pytest.mark.parametrize("name", ENGINE_ARGUMENTS)
def test_every_argument_reaches_vllm_as_written(name):
    assert arguments(**{name: CHANGES[name]})[name] == CHANGES[name]


def test_compute_dtype_is_vllms_dtype():
    assert arguments(compute_dtype="float16")["dtype"] == "float16"


@pytest.mark.parametrize("change", [{"enforce_eagre": True}, {"kv_cache_dtype": "fp9"}, {"max_num_seqs": 0}])
def test_typos_are_refused(change):
    with pytest.raises(jsonschema.ValidationError):
        arguments(**change)


def test_a_cpu_is_not_filled_with_cache():
    assert arguments("cpu")["kv_cache_memory_bytes"] == CPU_KV_CACHE_BYTES
    assert MANIFEST["memory"]["defaults"]["cpu"] == {"kv_cache_memory_bytes": CPU_KV_CACHE_BYTES}
    assert arguments("cpu", kv_cache_memory_bytes=5)["kv_cache_memory_bytes"] == 5
    assert "kv_cache_memory_bytes" not in arguments("cpu", gpu_memory_utilization=0.5)


def threads(asked, cpus, workers=1):
    sizes = {"tensor_parallel_size": workers, "pipeline_parallel_size": 1}
    return threads_of({"threads": asked, **sizes}, cpus)


def test_threads():
    assert threads(None, 3) == 3
    assert threads(2, 3) == 2
    with pytest.raises(Unsupported, match="threads: 4 asked, but the measurement may use only 3"):
        threads(4, 3)


def test_threads_of_all_workers_together_fit_the_allowance():
    assert threads(None, 8, workers=2) == 4
    assert threads(None, 1, workers=2) == 1
    assert threads(4, 8, workers=2) == 4
    with pytest.raises(Unsupported, match="threads: 5 asked for each of 2 workers"):
        threads(5, 8, workers=2)


def test_gpus():
    assert worker_count({"tensor_parallel_size": 2, "pipeline_parallel_size": 3}) == 6


def test_environment():
    variables = environment(DEFAULTS, 2, Path("/cache/compiled"))
    folders = [value for value in variables.values() if value.startswith("/")]
    assert len(folders) == 2
    assert all(Path(folder).is_relative_to("/cache/compiled") for folder in folders)
    assert variables["OMP_NUM_THREADS"] == "2"
    assert variables["VLLM_ENABLE_V1_MULTIPROCESSING"] == "0"
    assert environment({"multiprocessing": True}, 1, Path("/c"))["VLLM_ENABLE_V1_MULTIPROCESSING"] == "1"
