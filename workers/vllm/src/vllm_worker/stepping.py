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
    times_s: dict[str, list[float]] = {f"{call}-{index}": [] for index in range(len(prompts))}
    begin = time.perf_counter()
    inputs = engine.renderer.render_cmpl([{"prompt_token_ids": list(prompt)} for prompt in prompts])
    for name, rendered in zip(times_s, inputs, strict=True):
        engine.add_request(name, rendered, parameters)
    while engine.has_unfinished_requests():
        outputs = engine.step()
        now_s = time.perf_counter() - begin
        for output in outputs:
            _check(output)
            times_s[output.request_id] += [now_s] * len(output.outputs[0].token_ids)
    return _generated(list(times_s.values()))


def _check(output: Any) -> None:
    if output.num_cached_tokens:
        raise WorkerError(f"vLLM took {output.num_cached_tokens} tokens of a prompt from its prefix cache")


def _generated(times_s: list[list[float]]) -> Generated:
    counts = [len(times) for times in times_s]
    in_step = all(times == times_s[0] for times in times_s)
    return Generated(token_times_s=times_s[:1] if in_step else times_s, new_tokens=counts)
