"""Measures an LLM engine by the rules of the kind `llm-inference`; standard library only."""

from .engine import Engine, Generated
from .folders import compile_cache_folder
from .measure import measure_inference
from .versions import torch_versions
from .workloads import Workload, workloads_of

__all__ = [
    "Engine",
    "Generated",
    "Workload",
    "compile_cache_folder",
    "measure_inference",
    "torch_versions",
    "workloads_of",
]
