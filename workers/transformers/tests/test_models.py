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

from nx_study_models import convert, derived, local_model, synthesise
from nx_study_models.derived import derived_folder, form_of
from nx_study_models.headers import read_weights
from nx_study_models.reading import reading
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


def write_gguf(path, architecture="nobodys", add=lambda _: None):
    writer = GGUFWriter(path, architecture)
    writer.add_name("nobody's")
    add(writer)
    writer.add_tensor("token_embd.weight", np.zeros((4, 4), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_a_gguf_file_of_an_unknown_architecture_is_not_supported(tmp_path):
    path = tmp_path / "model.gguf"
    write_gguf(path)
    with pytest.raises(Unsupported, match=r"convert .*model\.gguf: not supported"):
        local_model(request_for(tmp_path, model=str(path)))


def add_llama(writer):
    writer.add_context_length(64)
    writer.add_embedding_length(4)
    writer.add_block_count(1)
    writer.add_feed_forward_length(8)
    writer.add_head_count(2)
    writer.add_layer_norm_rms_eps(1e-5)


def add_tokenizer(writer, tokens=("a", "b", "c", "ab")):
    add_llama(writer)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([1, 1, 1, 1])
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)


def add_broken_tokenizer(writer):
    add_tokenizer(writer, ("a", "b", "c", "d"))  # what its merge makes is no token


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: path.write_text("This is no model.\n"), "ValueError"),
        (lambda path: write_gguf(path, "llama", add_llama), "can't be read"),  # no tokenizer
        (lambda path: write_gguf(path, "llama", add_broken_tokenizer), "PanicException"),
        (lambda path: write_gguf(path, "llama", add_tokenizer), "no weights for"),
    ],
    ids=["text", "no tokenizer", "broken tokenizer", "no weights"],
)
def test_what_cannot_be_converted_is_not_supported(tmp_path, write, message):
    path = tmp_path / "model.gguf"
    write(path)
    with pytest.raises(Unsupported, match=message):
        convert.main(path, tmp_path)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), MemoryError("9 bytes")])
def test_what_may_go_well_next_time_is_no_fault_of_the_model(tmp_path, error):
    with pytest.raises(type(error)) as caught, reading(tmp_path):
        raise error
    assert caught.value is error


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
