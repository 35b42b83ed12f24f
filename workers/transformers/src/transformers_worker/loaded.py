"""A loaded model: its timed calls, and what it says about itself."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from . import caches, readback
from .calls import Stamps, generation_config
from .loading import load
from .settings import Settings

NO_CUDA = "PyTorch counts allocations on GPUs only"


class LoadedModel:
    """Greedy generation of exact lengths; each call makes a cache of its own, kept until `forget`."""

    def __init__(self, folder: Path, device: str, settings: Settings) -> None:
        self._settings = settings
        self._cuda = device == "cuda"
        self._model = load(folder, device, settings)
        self._cache: Any = None
        self._synchronise()

    @property
    def vocabulary(self) -> int:
        """Number of tokens that the model knows."""
        return self._model.config.get_text_config().vocab_size

    def forget(self) -> None:
        """Drop the last call's cache."""
        self._cache = None

    def generate(self, prompts: Sequence[Sequence[int]], new_tokens: int) -> tuple[list[float], int]:
        """Return when each token was on the host, in s since the begin, and how many each sequence got."""
        ids = self._tensor(prompts)
        mask = torch.ones_like(ids)
        stamps = Stamps()
        config = generation_config(new_tokens, self._settings.compile)
        self._synchronise()
        begin_s = time.perf_counter()
        # The last token is never fed back: the cache needs no place for it.
        self._cache = self._new_cache(ids.shape[1] + new_tokens - 1)
        output = self._model.generate(
            ids, attention_mask=mask, cache=self._cache, generation_config=config, streamer=stamps
        )
        self._synchronise()
        return stamps.since(begin_s), output.shape[1] - ids.shape[1]

    @torch.no_grad()
    def prefill(self, prompts: Sequence[Sequence[int]]) -> float:
        """Seconds of a forward pass as in generate: fills the cache, gives logits of the last position."""
        ids = self._tensor(prompts)
        self._synchronise()
        begin_s = time.perf_counter()
        self._cache = self._new_cache(ids.shape[1])
        self._model(ids, cache=self._cache, use_cache=True, logits_to_keep=1)
        self._synchronise()
        return time.perf_counter() - begin_s

    def effective(self) -> dict[str, Any]:
        """Settings as they are; `cache` is that of the last call."""
        return {
            "device": self._model.device.type,
            "threads": torch.get_num_threads(),
            "compute_dtype": readback.compute_dtype(self._model),
            "attention": readback.attention(self._model),
            "quantisation": readback.quantisation(self._model),
            "cache": caches.name_of(self._cache),
            "compile": readback.is_compiled(self._model),
        }

    def build(self) -> dict[str, Any]:
        """Instruction set and libraries of PyTorch, and the threads that no setting names."""
        return {
            "cpu_capability": torch.backends.cpu.get_cpu_capability(),
            "mkldnn": torch.backends.mkldnn.is_available(),
            "interop_threads": torch.get_num_interop_threads(),
        }

    def reset_memory_peaks(self) -> None:
        """Start the peaks on the GPU anew."""
        if self._cuda:
            torch.cuda.reset_peak_memory_stats()

    def memory_peaks(self) -> dict[str, int | str]:
        """Bytes, or why there is no number; the cache is that of the last call."""
        return {
            "torch_allocated_peak_bytes": torch.cuda.max_memory_allocated() if self._cuda else NO_CUDA,
            "torch_reserved_peak_bytes": torch.cuda.max_memory_reserved() if self._cuda else NO_CUDA,
            "kv_cache_bytes": caches.bytes_of(self._cache),
        }

    def _new_cache(self, positions: int) -> Any:
        return caches.new_cache(self._settings.cache, self._model.config, positions)

    def _tensor(self, prompts: Sequence[Sequence[int]]) -> torch.Tensor:
        return torch.tensor(prompts, dtype=torch.long, device=self._model.device)

    def _synchronise(self) -> None:
        if self._cuda:
            torch.cuda.synchronize()
