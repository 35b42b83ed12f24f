"""vLLM's own loop, step by step, with a stamp for the tokens of each step."""

import itertools
import time
from collections.abc import Sequence
from typing import Any

from vllm import LLMEngine, SamplingParams
from vllm.sampling_params import RequestOutputKind

from nx_study_inference import Generated
from nx_study_worker import WorkerError

_calls = itertools.count()


def generate(engine: LLMEngine, prompts: Sequence[Sequence[int]], new_tokens: int) -> Generated:
    """Produce `new_tokens` for each prompt, greedily; every token has the stamp of the step that made it."""
    parameters = SamplingParams(
        temperature=0.0,
        max_tokens=new_tokens,
        ignore_eos=True,
        detokenize=False,
        output_kind=RequestOutputKind.DELTA,
    )
    call = next(_calls)
    sequences = {f"{call}-{index}": _Sequence() for index in range(len(prompts))}
    begin = time.perf_counter()
    inputs = engine.renderer.render_cmpl([{"prompt_token_ids": list(prompt)} for prompt in prompts])
    for name, rendered in zip(sequences, inputs, strict=True):
        engine.add_request(name, rendered, parameters)
    while engine.has_unfinished_requests():
        outputs = engine.step()
        now_s = time.perf_counter() - begin
        for output in outputs:
            sequences[output.request_id].take(output, now_s)
    return _generated(list(sequences.values()))


class _Sequence:
    def __init__(self) -> None:
        self.prompt_tokens = 0
        self.times_s: list[float] = []

    def take(self, output: Any, now_s: float) -> None:
        if output.num_cached_tokens:
            raise WorkerError(
                f"vLLM took {output.num_cached_tokens} tokens of a prompt from its prefix cache"
            )
        self.prompt_tokens = len(output.prompt_token_ids)
        self.times_s += [now_s] * len(output.outputs[0].token_ids)


def _generated(sequences: list[_Sequence]) -> Generated:
    times_s = [sequence.times_s for sequence in sequences]
    in_step = all(times == times_s[0] for times in times_s)
    return Generated(
        token_times_s=times_s[:1] if in_step else times_s,
        new_tokens=[len(times) for times in times_s],
        prompt_tokens=[sequence.prompt_tokens for sequence in sequences],
    )
