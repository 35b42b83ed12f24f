import json
import os
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import SHAPE, request_for
from gguf import GGUFWriter
from safetensors.torch import load_file
from transformers import AutoConfig

from nx_study_models import derived, local_model, synthesise
from nx_study_models.derived import derived_folder, form_of
from nx_study_models.headers import read_weights
from nx_study_worker import Unsupported, WorkerError


@pytest.fixture(autouse=True)
def _making_is_importable(monkeypatch):
    paths = [str(Path(__file__).parent), os.environ["PYTHONPATH"]]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))


def make(tmp_path, name="log"):
    return derived_folder(tmp_path / "derived/model", "making", [str(tmp_path / name)], lambda: None)


def test_other_code_makes_a_folder_of_its_own(monkeypatch, tmp_path):
    forms = {form_of("convert"), form_of("synthesise"), form_of("synthesise", "synthetic")}
    monkeypatch.setattr(derived, "__file__", str(tmp_path / "derived.py"))
    for code in ("a = 1", "a = 2"):
        (tmp_path / "convert.py").write_text(code)
        forms.add(form_of("convert"))
    assert len(forms) == 5


def test_two_at_once_make_it_once(tmp_path):
    threads = [threading.Thread(target=make, args=(tmp_path,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "log").read_text() == "made\n"
    assert (make(tmp_path) / "model").read_text() == "whole"


def test_what_a_killed_maker_left_is_made_again(tmp_path):
    left = tmp_path / "derived/.model.making"
    left.mkdir(parents=True)
    (left / "half").touch()
    assert [path.name for path in make(tmp_path).iterdir()] == ["model"]
    assert not left.exists()


def test_a_failure_leaves_nothing_and_says_which_program(tmp_path):
    with pytest.raises(WorkerError, match=r"making .*fails failed with exit code 1"):
        make(tmp_path, "fails")
    assert not (tmp_path / "derived/model").exists()
    assert (make(tmp_path) / "model").exists()


def test_a_maker_that_runs_out_of_memory_says_so(tmp_path):
    with pytest.raises(MemoryError, match="ran out of memory"):
        make(tmp_path, "memory")


def test_a_gguf_file_of_an_unknown_architecture_is_not_supported(tmp_path):
    path = tmp_path / "model.gguf"
    writer = GGUFWriter(path, "nobodys")
    writer.add_name("nobody's")
    writer.add_tensor("token_embd.weight", np.zeros((4, 4), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(Unsupported, match=r"convert .*model\.gguf: not supported"):
        local_model(request_for(tmp_path, model=str(path)))


def test_a_synthetic_model_is_what_its_shape_says(tiny, tmp_path, assets_dir):
    config = AutoConfig.from_pretrained(tiny.folder)
    assert (config.num_hidden_layers, config.hidden_size, config.num_key_value_heads) == (2, 64, 2)
    assert config.max_position_embeddings == 512
    attention = 2 * 64 * 64 + 2 * 64 * 32
    layer = attention + 3 * 64 * 128 + 2 * 64
    assert tiny.description == {
        "name": "synthetic-llama-2x64",
        "sha256": None,
        "format": "config",
        "weights": "random",
        "weights_format": "bfloat16",
        "parameters": 2 * layer + 64 + 2 * 256 * 64,
        "file_bytes": None,
        "storage_dtype": "bfloat16",
    }
    assert not tiny.has_tokenizer
    made = []
    again = local_model(request_for(tmp_path, assets_dir=assets_dir), made.append)
    assert again == tiny
    assert made == []


def test_other_versions_make_their_own(tiny, tmp_path, assets_dir, monkeypatch):
    monkeypatch.setattr(derived, "version", lambda _: "0.1+cpu")
    other = local_model(request_for(tmp_path, assets_dir=assets_dir))
    assert other.folder.name.endswith("-transformers0.1-gguf0.1-torch0.1")
    assert other.folder != tiny.folder


def test_the_seed_decides_the_weights(tmp_path):
    def weights(seed, name):
        synthesise.main({**SHAPE, "seed": seed}, str(tmp_path / name))
        return load_file(tmp_path / name / "model.safetensors")["model.layers.0.mlp.up_proj.weight"]

    one = weights(0, "one")
    assert torch.equal(one, weights(0, "same"))
    assert not torch.equal(one, weights(1, "other"))


@pytest.mark.parametrize("architecture", ["mistral", "qwen2", "qwen3"])
def test_other_architectures(tmp_path, architecture):
    synthesise.main({**SHAPE, "architecture": architecture, "tie_embeddings": True}, str(tmp_path))
    assert AutoConfig.from_pretrained(tmp_path).model_type == architecture
    assert read_weights(tmp_path).elements < 106_816, "embeddings are stored once"


def test_a_folder_of_the_users(tiny, tmp_path):
    path = str(tiny.folder)
    asset = {"model": {"name": None, "path": path, "sha256": "1" * 64, "bytes": 1, "licence": None}}
    description = local_model(request_for(tmp_path, model=path, assets=asset)).description
    assert description["name"] == tiny.folder.name
    assert description["sha256"] == "1" * 64
    assert description["weights"] == "real"
    assert description["file_bytes"] == (tiny.folder / "model.safetensors").stat().st_size


def test_stored_quantised(tiny, tmp_path):
    config = json.loads((tiny.folder / "config.json").read_text())
    (tmp_path / "config.json").write_text(
        json.dumps({**config, "quantization_config": {"quant_method": "awq"}})
    )
    (tmp_path / "model.safetensors").symlink_to(tiny.folder / "model.safetensors")
    description = local_model(request_for(tmp_path, model=str(tmp_path))).description
    assert (description["weights_format"], description["parameters"]) == ("awq", None)
