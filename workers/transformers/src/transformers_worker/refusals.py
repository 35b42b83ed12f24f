"""What can't work is refused before anything is loaded: the setting, its value, the reason, the way out."""

import json
import os
import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from nx_study_inference import Workload
from nx_study_worker import Unsupported

from .settings import Settings

PACKAGES = {"bnb": "bitsandbytes", "torchao": "torchao"}


def refuse_impossible(settings: Settings) -> None:
    """Raise Unsupported for what can be known without PyTorch and without the model."""
    if settings.threads > settings.allowed_threads:
        raise Unsupported(
            f"threads: {settings.threads}, but only {settings.allowed_threads} CPUs are allowed"
        )
    if settings.device == "cpu":
        device_of(settings, has_gpu=False, cuda_available=False)
    if settings.attention == "flash_attention_2":
        _refuse_flash_attention(settings)
    if settings.quantisation is not None:
        _refuse_quantisation(settings.quantisation)
    if settings.compile:
        _refuse_compile(settings)


def refuse_too_long(workloads: Sequence[Workload], folder: Path) -> None:
    """Raise Unsupported for a workload with more tokens than the model has positions."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    positions = config.get("max_position_embeddings")
    for workload in workloads:
        tokens = workload.prompt_tokens + workload.new_tokens
        if positions is not None and tokens > positions:
            raise Unsupported(
                f"prompt_tokens + new_tokens: {tokens}, but the model has {positions} positions"
            )


def device_of(settings: Settings, has_gpu: bool, cuda_available: bool) -> str:
    """Choose `cpu` or `cuda`; raises Unsupported for what it can't do, and for a GPU that can't be used."""
    if settings.device == "cuda" and not cuda_available:
        raise Unsupported("device: cuda, but PyTorch finds no usable NVIDIA GPU; set cpu or auto")
    if settings.device == "auto" and has_gpu and not cuda_available:
        raise Unsupported(
            "device: auto is cuda on a machine with an NVIDIA GPU, but PyTorch can't use it: "
            "set cpu, or look at CUDA_VISIBLE_DEVICES and the driver"
        )
    if settings.device != "cpu" and cuda_available:
        return "cuda"
    if settings.cache == "offloaded":
        raise Unsupported("cache: offloaded moves it from a GPU to host memory, but the device is cpu")
    if settings.attention == "flash_attention_2":
        raise Unsupported("attention: flash_attention_2 needs device cuda; set sdpa or eager")
    return "cpu"


def _refuse_flash_attention(settings: Settings) -> None:
    if find_spec("flash_attn") is None:
        raise Unsupported(
            "attention: flash_attention_2 needs the package flash-attn, which is not installed; "
            "set sdpa or eager"
        )
    if settings.compute_dtype == "float32":
        raise Unsupported("attention: flash_attention_2 can't compute in float32; set bfloat16 or float16")


def _refuse_quantisation(quantisation: str) -> None:
    package = PACKAGES[quantisation.partition("-")[0]]
    if find_spec(package) is None:
        raise Unsupported(f"quantisation: {quantisation} needs the package {package}, which is not installed")


def _refuse_compile(settings: Settings) -> None:
    if settings.cache != "static":
        raise Unsupported(f"compile: needs cache static, but cache is {settings.cache}: it grows each step")
    if settings.quantisation in ("bnb-int8", "bnb-nf4"):
        raise Unsupported(
            f"compile: generate doesn't compile a model with quantisation {settings.quantisation}"
        )
    compilers = [os.environ.get("CXX") or "g++", "clang++"]
    if not any(map(shutil.which, compilers)):
        raise Unsupported(
            f"compile: needs a C++ compiler, but neither {' nor '.join(compilers)} is on the PATH"
        )
