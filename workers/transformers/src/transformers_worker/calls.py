"""What a call of generate is given."""

import time

import torch
from transformers import CompileConfig, GenerationConfig
from transformers.generation.streamers import BaseStreamer


class Stamps(BaseStreamer):
    """Notes when tokens are on the host; generate hands over the prompt, then one token of each sequence."""

    def __init__(self) -> None:
        self._times_s: list[float] = []

    def put(self, value: torch.Tensor) -> None:  # noqa: ARG002
        """Note the time; `value` has already left the device."""
        self._times_s.append(time.perf_counter())

    def end(self) -> None:
        """Nothing was held back."""

    def since(self, begin_s: float) -> list[float]:
        """Seconds from `begin_s` to each token; the prompt's stamp is left out."""
        return [at_s - begin_s for at_s in self._times_s[1:]]


def generation_config(new_tokens: int, compiled: bool) -> GenerationConfig:
    """Greedy, exactly `new_tokens`: no token ends a sequence, so nothing stops early or masks a logit."""
    config = GenerationConfig(
        do_sample=False,
        num_beams=1,
        min_new_tokens=new_tokens,
        max_new_tokens=new_tokens,
        eos_token_id=None,
        disable_compile=not compiled,
    )
    if compiled:
        config.compile_config = CompileConfig()
        config.compile_config._compile_all_devices = True  # on a CPU, too
    return config
