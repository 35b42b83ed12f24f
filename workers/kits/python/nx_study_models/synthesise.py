"""`python -m nx_study_models.synthesise SHAPE FOLDER`: random weights in a shape that is given as JSON."""

import json
import sys
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

from .exits import telling_exit_code
from .synthetic import hugging_face_names


def main(shape: dict[str, Any], folder: str) -> None:
    """Write the folder; the same shape and seed give the same weights with the same version of torch."""
    # No token ends, begins or fills a text: every id may stand in a prompt, and nothing stops early.
    tokens = {"bos_token_id": None, "eos_token_id": None, "pad_token_id": None}
    config = AutoConfig.for_model(shape["architecture"], **hugging_face_names(shape), **tokens)
    torch.manual_seed(shape["seed"])
    model = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, shape["dtype"]))
    model.generation_config = GenerationConfig(**tokens)
    model.save_pretrained(folder)


if __name__ == "__main__":
    with telling_exit_code():
        main(json.loads(sys.argv[1]), sys.argv[2])
