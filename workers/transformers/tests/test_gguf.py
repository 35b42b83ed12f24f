"""With the real model that studies use, if it has been fetched; to convert it takes half a minute, once."""

import os
from pathlib import Path

import pytest
import torch
from conftest import request_for, settings
from gguf import GGUFReader, TokenType
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from nx_study_models import local_model
from nx_study_models.derived import form_of
from transformers_worker.engine import TransformersEngine

SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
CACHE = Path(os.environ.get("NX_STUDY_CACHE_DIR") or Path.home() / ".cache/nx-study")
GGUF = CACHE / "assets" / SHA256 / "SmolLM2-135M-Instruct.Q4_1.gguf"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not GGUF.exists(), reason=f"{GGUF} is not there: a measurement of it fetches it"),
]


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gguf")
    asset = {"model": {"name": "smollm2", "path": str(GGUF), "sha256": SHA256, "bytes": 1, "licence": None}}
    return local_model(request_for(folder, model=str(GGUF), assets=asset, assets_dir=CACHE / "assets"))


def test_description(converted):
    assert converted.folder.name.startswith(f"{SHA256}-{form_of('convert')}-transformers")
    assert converted.description == {
        "name": "smollm2",
        "sha256": SHA256,
        "format": "gguf",
        "weights": "real",
        "weights_format": "q4_1",
        "parameters": 134_515_008,
        "file_bytes": 98_362_432,
        "storage_dtype": "bfloat16",
    }


def test_the_same_tokens_as_from_the_file(converted):
    tokenizer = AutoTokenizer.from_pretrained(converted.folder)
    text = tokenizer("The capital of France is", return_tensors="pt")

    def generate(*location, **options):
        model = AutoModelForCausalLM.from_pretrained(*location, dtype=torch.float32, **options)
        return model.generate(**text, do_sample=False, max_new_tokens=24)[0].tolist()

    unpacked = GgufConfig(gguf_file=GGUF.name, dequantize=True)
    expected = generate(GGUF.parent, gguf_file=GGUF.name, quantization_config=unpacked)
    assert "Paris" in tokenizer.decode(expected)
    assert generate(converted.folder) == expected


def test_allowed_tokens_are_those_of_the_file(converted):
    engine = TransformersEngine(settings(), converted)
    engine.import_modules()
    engine.read_model()
    types = GGUFReader(GGUF).fields["tokenizer.ggml.token_type"].contents()
    ordinary = [token for token, kind in enumerate(types) if kind == TokenType.NORMAL]
    assert list(engine.allowed_ids()) == ordinary
    assert engine.encode("Paris") == AutoTokenizer.from_pretrained(converted.folder).encode("Paris")
    written = engine.chat_text([{"role": "user", "content": "Where?"}])
    assert written.endswith("<|im_start|>user\nWhere?<|im_end|>\n<|im_start|>assistant\n")
