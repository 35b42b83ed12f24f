"""What is asked of the engine, out of the request's configuration."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Self

from nx_study_inference import compile_cache_folder
from nx_study_worker import Request


@dataclass(frozen=True)
class Settings:
    """The configuration's keys that are the engine's; their meanings are in config.schema.json."""

    device: Literal["auto", "cpu", "cuda"]
    threads: int
    allowed_threads: int
    compute_dtype: Literal["float32", "bfloat16", "float16"]
    attention: Literal["sdpa", "eager", "flash_attention_2"]
    quantisation: str | None
    cache: Literal["dynamic", "static", "quantized-fp8", "offloaded"]
    compile: bool
    compile_cache: Path | None

    @classmethod
    def of(cls, request: Request) -> Self:
        """Read them; `threads: null` means all that are allowed."""
        asked = request.configuration
        return cls(
            device=asked["device"],
            threads=asked["threads"] or request.cpus,
            allowed_threads=request.cpus,
            compute_dtype=asked["compute_dtype"],
            attention=asked["attention"],
            quantisation=asked["quantisation"],
            cache=asked["cache"],
            compile=asked["compile"],
            # On a GPU quantised layers may have kernels that Triton compiles, asked or not.
            compile_cache=compile_cache_folder(request) if asked["compile"] or find_spec("triton") else None,
        )
