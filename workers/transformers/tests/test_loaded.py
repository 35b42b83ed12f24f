import json
import shutil

import pytest
import torch
from conftest import settings
from transformers import AutoModelForCausalLM, StaticCache

from transformers_worker.loaded import LoadedModel

PROMPTS = [[7, 30, 100, 9, 12, 200, 31, 8], [1, 2, 3, 4, 5, 6, 7, 8], [250, 3, 3, 3, 90, 91, 92, 93]]
NEW = 6


def load(model, **changes):
    return LoadedModel(model.folder, "cpu", settings(**changes))


def keys_of(loaded):
    """The first layer's keys depend on every token that was fed, the generated ones included."""
    return loaded._cache.layers[0].keys


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("cache", ["dynamic", "static", "quantized-fp8"])
def test_exact_lengths_and_settings_read_back(tiny, cache, attention, dtype):
    loaded = load(tiny, cache=cache, attention=attention, compute_dtype=dtype)
    times_s, produced = loaded.generate(PROMPTS, NEW)
    assert produced == NEW
    assert len(times_s) == NEW
    assert times_s[0] > 0
    assert times_s == sorted(times_s)
    assert loaded._cache.get_seq_length() == len(PROMPTS[0]) + NEW - 1
    assert loaded.effective() == {
        "device": "cpu",
        "threads": torch.get_num_threads(),
        "compute_dtype": dtype,
        "attention": attention,
        "quantisation": None,
        "cache": cache,
        "compile": False,
    }


@pytest.mark.parametrize(
    "quantisation", ["bnb-int8", "bnb-nf4", "torchao-int8-weight-only", "torchao-int8-dynamic"]
)
def test_quantisation_is_read_back_from_the_layers(tiny, quantisation):
    loaded = load(tiny, quantisation=quantisation)
    assert loaded.generate(PROMPTS, NEW)[1] == NEW
    assert loaded.effective()["quantisation"] == quantisation
    assert loaded.effective()["compute_dtype"] == "float32"


def test_the_tokens_are_those_of_plain_transformers(tiny):
    plain = AutoModelForCausalLM.from_pretrained(tiny.folder, dtype=torch.float32)
    expected = plain.generate(
        torch.tensor(PROMPTS),
        attention_mask=torch.ones(3, 8),
        do_sample=False,
        max_new_tokens=NEW,
        return_dict_in_generate=True,
    ).cache
    loaded = load(tiny)
    loaded.generate(PROMPTS, NEW)
    assert torch.equal(keys_of(loaded), expected.layers[0].keys)


def test_an_end_of_sequence_token_ends_nothing(tiny, tmp_path):
    plain = AutoModelForCausalLM.from_pretrained(tiny.folder, dtype=torch.float32)
    prompt = torch.tensor(PROMPTS[:1])
    token = plain.generate(prompt, do_sample=False, max_new_tokens=3)[0, -1].item()
    folder = shutil.copytree(tiny.folder, tmp_path / "model")
    (folder / "generation_config.json").write_text(
        json.dumps({"eos_token_id": token, "pad_token_id": 0, "do_sample": True, "temperature": 9.0})
    )
    stops = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    assert stops.generate(prompt, do_sample=False, max_new_tokens=NEW).shape[1] < prompt.shape[1] + NEW

    loaded, same = LoadedModel(folder, "cpu", settings()), load(tiny)
    assert loaded.generate(PROMPTS[:1], NEW)[1] == NEW
    same.generate(PROMPTS[:1], NEW)
    assert torch.equal(keys_of(loaded), keys_of(same)), "the model's own wishes change no token"


@pytest.mark.parametrize("cache", ["dynamic", "static", "quantized-fp8"])
def test_no_call_sees_the_cache_of_another(tiny, cache):
    loaded = load(tiny, cache=cache)
    loaded.generate(PROMPTS, NEW)
    first = loaded._cache
    loaded.generate([PROMPTS[1]], NEW)
    assert loaded._cache is not first
    assert loaded._cache.get_seq_length() == len(PROMPTS[0]) + NEW - 1
    loaded.forget()
    assert loaded._cache is None


def test_a_static_cache_has_room_for_this_call_only(tiny):
    loaded = load(tiny, cache="static")
    for new_tokens in (NEW, 2, 4):
        loaded.generate(PROMPTS, new_tokens)
        assert isinstance(loaded._cache, StaticCache)
        assert keys_of(loaded).shape[-2] == len(PROMPTS[0]) + new_tokens - 1


def test_prefill_reads_the_prompt_and_nothing_else(tiny):
    loaded = load(tiny)
    assert loaded.prefill(PROMPTS) > 0
    assert keys_of(loaded).shape[-2] == len(PROMPTS[0])


def test_bytes_of_the_cache(tiny):
    loaded = load(tiny, compute_dtype="bfloat16")
    loaded.generate(PROMPTS, NEW)
    positions, layers, kv_heads, head = len(PROMPTS[0]) + NEW - 1, 2, 2, 16
    in_full = 2 * layers * len(PROMPTS) * kv_heads * head * positions * 2
    assert loaded.memory_peaks()["kv_cache_bytes"] == in_full
    assert loaded.memory_peaks()["torch_allocated_peak_bytes"] == "PyTorch counts allocations on GPUs only"

    quantised = load(tiny, compute_dtype="bfloat16", cache="quantized-fp8")
    quantised.generate(PROMPTS, NEW)
    scales = 2 * layers * 4
    assert quantised.memory_peaks()["kv_cache_bytes"] == in_full // 2 + scales


@pytest.mark.slow
@pytest.mark.long
def test_compiled_decoding(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "inductor"))
    loaded = load(tiny, cache="static", compile=True)
    assert loaded.generate(PROMPTS, NEW)[1] == NEW
    assert loaded.effective()["compile"] is True
    assert any(path.is_file() for path in (tmp_path / "inductor").rglob("*"))
    plain = load(tiny, cache="static")
    plain.generate(PROMPTS, NEW)
    assert torch.allclose(keys_of(loaded), keys_of(plain), atol=1e-5)
