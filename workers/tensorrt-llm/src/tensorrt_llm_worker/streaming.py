"""Batches through TensorRT-LLM's streaming interface, with a stamp for each token."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from nx_study_inference import Generated


def generate(llm: Any, prompts: Sequence[Sequence[int]], parameters: Any) -> Generated:
    """Send all prompts at once; a token's stamp is when its piece of the stream arrived here."""
    times_s = asyncio.run(_all(llm, prompts, parameters))
    return Generated(token_times_s=times_s, new_tokens=[len(times) for times in times_s])


async def _all(llm: Any, prompts: Sequence[Sequence[int]], parameters: Any) -> list[list[float]]:
    begin = time.perf_counter()
    # All are handed over before the first answer is waited for.
    streams = [llm.generate_async(list(prompt), parameters, streaming=True) for prompt in prompts]
    return list(await asyncio.gather(*(_times_s(stream, begin) for stream in streams)))


async def _times_s(stream: Any, begin: float) -> list[float]:
    times: list[float] = []
    async for output in stream:
        now_s = time.perf_counter() - begin
        # The ids so far: a piece may bring several.
        times += [now_s] * (len(output.outputs[0].token_ids) - len(times))
    return times
