"""TensorRT-LLM can't run here: a stand-in with the same calls shows what is made of its streams."""

import asyncio
from types import SimpleNamespace

from tensorrt_llm_worker.streaming import generate


class Streams:
    """`generate_async` as its documentation has it: ids so far, in pieces."""

    def __init__(self, pieces):
        self.pieces = pieces
        self.calls = []

    def generate_async(self, inputs, sampling_params, streaming=False):
        self.calls.append((inputs, sampling_params, streaming))
        return self._stream(self.pieces[len(self.calls) - 1])

    async def _stream(self, lengths):
        for length in lengths:
            await asyncio.sleep(0.001)
            yield SimpleNamespace(outputs=[SimpleNamespace(token_ids=list(range(length)))])


def test_every_token_has_a_stamp_also_when_several_come_at_once():
    llm = Streams([[1, 2, 4], [2, 3]])
    generated = generate(llm, [[5, 6], (7, 8)], "parameters")
    assert llm.calls == [([5, 6], "parameters", True), ([7, 8], "parameters", True)]
    assert list(generated.new_tokens) == [4, 3]
    first, second = generated.token_times_s
    assert len(first) == 4
    assert first == sorted(first)
    assert first[2] == first[3]
    assert second[0] == second[1] < second[2]
