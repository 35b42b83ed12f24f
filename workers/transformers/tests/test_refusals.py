import json

import pytest
from conftest import SHAPE, request_for, settings

from nx_study_inference import Workload
from nx_study_models import local_model
from nx_study_worker import Unsupported
from transformers_worker.refusals import device_of, refuse_impossible, refuse_too_long
from transformers_worker.settings import Settings


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"threads": 3}, "threads: 3, but only 2 CPUs"),
        ({"attention": "flash_attention_2"}, "flash_attention_2 needs device cuda"),
        ({"attention": "flash_attention_2", "device": "auto"}, "flash-attn, which is not installed"),
        ({"cache": "offloaded"}, "cache: offloaded .* device is cpu"),
        ({"compile": True}, "compile: needs cache static, but cache is dynamic"),
        ({"compile": True, "cache": "static", "quantisation": "bnb-nf4"}, "quantisation bnb-nf4"),
    ],
)
def test_what_can_not_work_is_refused_by_name(change, message):
    with pytest.raises(Unsupported, match=message):
        refuse_impossible(settings(**change))


def test_compiling_needs_a_compiler(monkeypatch, tmp_path):
    asked = settings(compile=True, cache="static")
    refuse_impossible(asked)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unsupported, match=r"compile: needs a C\+\+ compiler"):
        refuse_impossible(asked)


def test_the_device_is_the_one_that_is_there():
    assert device_of(settings(device="auto"), has_gpu=True, cuda_available=True) == "cuda"
    assert device_of(settings(device="auto"), has_gpu=False, cuda_available=False) == "cpu"
    assert device_of(settings(device="cpu"), has_gpu=True, cuda_available=True) == "cpu"
    with pytest.raises(Unsupported, match="device: cuda"):
        device_of(settings(device="cuda"), has_gpu=False, cuda_available=False)
    assert device_of(settings(device="cuda", cache="offloaded"), has_gpu=True, cuda_available=True) == "cuda"


def test_auto_is_not_the_cpu_of_a_machine_whose_gpu_does_not_work():
    with pytest.raises(Unsupported, match="PyTorch can't use it: set cpu"):
        device_of(settings(device="auto"), has_gpu=True, cuda_available=False)
    assert device_of(settings(device="cpu"), has_gpu=True, cuda_available=False) == "cpu"
    # Other systems list no GPUs there.
    assert device_of(settings(device="auto"), has_gpu=False, cuda_available=True) == "cuda"


def test_more_tokens_than_positions(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"max_position_embeddings": 100}))
    refuse_too_long([Workload(0, 1, 60, 40)], tmp_path)
    with pytest.raises(Unsupported, match="101, but the model has 100 positions"):
        refuse_too_long([Workload(0, 1, 60, 40), Workload(1, 1, 60, 41)], tmp_path)


def test_threads_are_the_allowed_ones_unless_asked(tmp_path):
    assert Settings.of(request_for(tmp_path, cpus=3)).threads == 3
    assert Settings.of(request_for(tmp_path, cpus=3, threads=2)).threads == 2


def test_only_what_compiles_has_a_compile_cache(tmp_path):
    assert Settings.of(request_for(tmp_path)).compile_cache is None
    folder = Settings.of(request_for(tmp_path, compile=True)).compile_cache
    assert folder.is_relative_to(tmp_path / "cache")


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ({"hidden_size": 60}, "hidden_size 60 is not an even multiple of heads 4"),
        ({"kv_heads": 3}, "heads 4 is not a multiple of kv_heads 3"),
    ],
)
def test_impossible_shapes(tmp_path, shape, message):
    request = request_for(tmp_path, model={"synthetic": {**SHAPE, **shape}})
    with pytest.raises(Unsupported, match=message):
        local_model(request)


def test_what_is_no_model(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for name, message in {
        "folder": "no config.json",
        "file": "neither a folder",
        "nothing": "neither a folder",
    }.items():
        with pytest.raises(Unsupported, match=message):
            local_model(request_for(tmp_path, model=str(tmp_path / name)))
    (tmp_path / "folder/config.json").write_text("{}")
    with pytest.raises(Unsupported, match=r"no \*.safetensors"):
        local_model(request_for(tmp_path, model=str(tmp_path / "folder")))
    (tmp_path / "folder/model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(Unsupported, match="not a safetensors file"):
        local_model(request_for(tmp_path, model=str(tmp_path / "folder")))
