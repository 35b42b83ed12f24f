"""Batches through SGLang's streaming interface, with a stamp for each token."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nx_study_inference import Generated
from nx_study_worker import WorkerError


def sampling(new_tokens: int) -> dict[str, Any]:
    """Greedy, and past the end of a sequence."""
    return {"max_new_tokens": new_tokens, "ignore_eos": True, "temperature": 0.0}


def generate(engine: Any, prompts: Sequence[Sequence[int]], parameters: Mapping[str, Any]) -> Generated:
    """Send all prompts at once; a token's stamp is when its piece of the stream arrived here."""
    # SGLang's queues belong to the event loop that it made.
    answers = engine.loop.run_until_complete(_all(engine, prompts, parameters))
    cached = sum(answer.cached_tokens for answer in answers)
    if cached > 0:
        raise WorkerError(f"SGLang took {cached} tokens of prompts from a cache though it was told not to")
    return Generated(
        token_times_s=[answer.times_s for answer in answers],
        new_tokens=[len(answer.times_s) for answer in answers],
        prompt_tokens=[answer.prompt_tokens for answer in answers],
    )


@dataclass(slots=True)
class _Answer:
    times_s: list[float] = field(default_factory=list)
    prompt_tokens: int = 0
    cached_tokens: int = 0


async def _all(engine: Any, prompts: Sequence[Sequence[int]], parameters: Mapping[str, Any]) -> list[_Answer]:
    begin = time.perf_counter()
    # All are handed over before the first answer is waited for.
    return list(await asyncio.gather(*(_answer(engine, prompt, parameters, begin) for prompt in prompts)))


async def _answer(engine: Any, prompt: Sequence[int], parameters: Mapping[str, Any], begin: float) -> _Answer:
    answer = _Answer()
    stream = await engine.async_generate(
        input_ids=list(prompt), sampling_params=dict(parameters), stream=True
    )
    async for piece in stream:
        now_s = time.perf_counter() - begin
        facts = piece["meta_info"]
        # The number so far: a piece may bring several.
        answer.times_s += [now_s] * (facts["completion_tokens"] - len(answer.times_s))
        answer.prompt_tokens = facts["prompt_tokens"]
        answer.cached_tokens = facts["cached_tokens"]
    return answer
