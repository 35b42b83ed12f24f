import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from nx_study_inference import Workload
from nx_study_worker import Unsupported
from tensorrt_llm_worker.settings import (
    KV_CACHE_FIELDS,
    LLM_KEYWORDS,
    check_fits,
    cuda_graph_arguments,
    kv_cache_arguments,
    llm_arguments,
)

SCHEMA = json.loads((Path(__file__).parents[1] / "config.schema.json").read_text(encoding="utf-8"))
DEFAULTS = {
    name: setting["default"] for name, setting in SCHEMA["properties"].items() if "default" in setting
}
GRAPHS = {"batch_sizes": None, "max_batch_size": None, "enable_padding": False}


def test_schema_is_valid_and_has_every_setting_that_is_passed_on():
    Draft202012Validator.check_schema(SCHEMA)
    passed_on = {*LLM_KEYWORDS, *KV_CACHE_FIELDS, "compute_dtype", "cuda_graph_config"}
    assert passed_on <= set(SCHEMA["properties"])


def test_what_is_left_to_the_engine_is_not_passed_on():
    assert llm_arguments(DEFAULTS) == {
        "attn_backend": "TRTLLM",
        "disable_overlap_scheduler": False,
        "dtype": "auto",
        "enable_chunked_prefill": False,
        "pipeline_parallel_size": 1,
        "tensor_parallel_size": 1,
    }
    assert kv_cache_arguments(DEFAULTS) == {"dtype": "auto", "enable_block_reuse": False}


def test_settings_reach_the_place_where_the_engine_has_them():
    asked = {**DEFAULTS, "kv_cache_dtype": "fp8", "kv_cache_max_tokens": 4096, "max_batch_size": 8}
    assert kv_cache_arguments(asked) == {"dtype": "fp8", "max_tokens": 4096, "enable_block_reuse": False}
    assert llm_arguments(asked)["max_batch_size"] == 8


def test_graphs():
    assert cuda_graph_arguments({"cuda_graph_config": None}) is None
    assert cuda_graph_arguments({"cuda_graph_config": GRAPHS}) == {"enable_padding": False}
    with pytest.raises(Unsupported, match="not both"):
        cuda_graph_arguments({"cuda_graph_config": {**GRAPHS, "batch_sizes": [1], "max_batch_size": 1}})


def test_a_workload_that_does_not_fit_is_refused():
    workload = Workload(index=0, batch_size=4, prompt_tokens=100, new_tokens=28)
    check_fits([workload], 4, 128)
    check_fits([workload], None, None)
    with pytest.raises(Unsupported, match="max_batch_size is 3"):
        check_fits([workload], 3, 128)
    with pytest.raises(Unsupported, match="= 128, but max_seq_len is 127"):
        check_fits([workload], 4, 127)
