"""SGLang can't run here: a stand-in with the same calls shows what is made of its streams."""

import asyncio

import pytest

from nx_study_worker import WorkerError
from sglang_worker.streaming import generate, sampling


class Streams:
    """`Engine.async_generate` of 0.5.23: a coroutine that returns a stream of numbers of tokens so far."""

    def __init__(self, pieces, cached=0):
        self.loop = asyncio.new_event_loop()
        self.pieces = pieces
        self.cached = cached
        self.calls = []

    async def async_generate(self, *, input_ids, sampling_params, stream):
        self.calls.append((input_ids, sampling_params, stream))
        return self._stream(len(input_ids), self.pieces[len(self.calls) - 1])

    async def _stream(self, prompt_tokens, counts):
        for count in counts:
            await asyncio.sleep(0.001)
            facts = {"prompt_tokens": prompt_tokens, "cached_tokens": self.cached}
            yield {"output_ids": list(range(count)), "meta_info": {**facts, "completion_tokens": count}}


def test_every_token_has_a_stamp_also_when_several_come_at_once():
    engine = Streams([[1, 2, 4], [2, 3]])
    generated = generate(engine, [[5, 6], (7, 8, 9)], sampling(4))
    parameters = {"max_new_tokens": 4, "ignore_eos": True, "temperature": 0.0}
    assert engine.calls == [([5, 6], parameters, True), ([7, 8, 9], parameters, True)]
    assert list(generated.new_tokens) == [4, 3]
    assert list(generated.prompt_tokens) == [2, 3]
    first, second = generated.token_times_s
    assert first == sorted(first)
    assert first[2] == first[3]
    assert second[0] == second[1] < second[2]


def test_tokens_from_a_cache_are_an_error():
    with pytest.raises(WorkerError, match="6 tokens of prompts from a cache"):
        generate(Streams([[1], [1]], cached=3), [[5, 6], [7, 8]], sampling(1))
