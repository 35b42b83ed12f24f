import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from nx_study_inference import Workload
from nx_study_worker import Unsupported
from sglang_worker.settings import (
    ARGUMENTS,
    GRAPH_ARGUMENTS,
    check_fits,
    effective_settings,
    engine_arguments,
    graph_arguments,
)

SCHEMA = json.loads((Path(__file__).parents[1] / "config.schema.json").read_text(encoding="utf-8"))
SETTINGS = SCHEMA["properties"]
DEFAULTS = {name: setting["default"] for name, setting in SETTINGS.items() if "default" in setting}
GRAPHS = {name: setting["default"] for name, setting in SETTINGS["cuda_graphs"]["properties"].items()}
FIXED = {
    "disable_radix_cache": True,
    "random_seed": 7,
    "skip_tokenizer_init": True,
    "stream_interval": 1,
}


def test_schema_is_valid_and_has_every_setting_that_is_passed_on():
    Draft202012Validator.check_schema(SCHEMA)
    assert {*ARGUMENTS, "cuda_graphs"} <= set(SETTINGS)
    assert {*GRAPH_ARGUMENTS, "prefill"} == set(SETTINGS["cuda_graphs"]["properties"])


def test_what_is_left_to_the_engine_is_not_passed_on():
    assert engine_arguments({**DEFAULTS, "cuda_graphs": GRAPHS}, 7) == {
        **FIXED,
        "disable_cuda_graph_padding": False,
        "disable_overlap_schedule": False,
        "disable_prefill_cuda_graph": False,
        "dtype": "auto",
        "kv_cache_dtype": "auto",
        "pp_size": 1,
        "tp_size": 1,
    }


def test_settings_reach_the_argument_of_the_engine():
    asked = {
        "compute_dtype": "bfloat16",
        "tensor_parallel_size": 2,
        "max_total_tokens": 4096,
        "page_size": 16,
    }
    arguments = engine_arguments({**DEFAULTS, **asked, "cuda_graphs": None}, 7)
    assert arguments["dtype"] == "bfloat16"
    assert (arguments["tp_size"], arguments["max_total_tokens"], arguments["page_size"]) == (2, 4096, 16)


def test_graphs():
    off = {"disable_decode_cuda_graph": True, "disable_prefill_cuda_graph": True}
    assert graph_arguments(None) == off
    assert graph_arguments({**GRAPHS, "batch_sizes": [1, 8], "prefill": False}) == {
        "cuda_graph_bs_decode": [1, 8],
        "disable_cuda_graph_padding": False,
        "disable_prefill_cuda_graph": True,
    }
    with pytest.raises(Unsupported, match="not both"):
        graph_arguments({**GRAPHS, "batch_sizes": [1], "max_batch_size": 1})


def test_auto_is_no_setting_in_effect():
    told = effective_settings({"dtype": "auto", "kv_cache_dtype": "fp8_e4m3", "tp_size": 2})
    assert told["compute_dtype"] is None
    assert (told["kv_cache_dtype"], told["tensor_parallel_size"]) == ("fp8_e4m3", 2)
    assert told["quantization"] is None


def test_a_workload_that_does_not_fit_is_refused():
    workload = Workload(index=0, batch_size=4, prompt_tokens=100, new_tokens=28)
    states = [{"effective_max_running_requests_per_dp": 4}]
    check_fits([workload], {"internal_states": states, "context_length": 130, "max_total_num_tokens": 512})
    check_fits([workload], {})
    with pytest.raises(Unsupported, match="max_running_requests is 3"):
        check_fits([workload], {"max_running_requests": 3})
    with pytest.raises(Unsupported, match="= 128, but context_length is 129, of which SGLang keeps 2"):
        check_fits([workload], {"context_length": 129})
    with pytest.raises(Unsupported, match="room for 511"):
        check_fits([workload], {"max_total_num_tokens": 511})
    single = Workload(index=0, batch_size=1, prompt_tokens=100, new_tokens=28)
    check_fits([single], {"max_total_num_tokens": 130})
    with pytest.raises(Unsupported, match="room for 129"):
        check_fits([single], {"max_total_num_tokens": 129})
