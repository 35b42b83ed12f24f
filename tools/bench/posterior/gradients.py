"""Gradients a second of CPU time, in turns on one thread: python gradients.py CONFIGURATION BLOCKS."""

import ctypes
import json
import sys
import time
from collections.abc import Callable

import numpy as np
from plain import bare_compile, plain_model, read, without_kernel, worker_model

MODELS = {"fused": worker_model, "worker's plain graph": without_kernel, "pm.Bernoulli": plain_model}
# Short against the times for which other processes take the caches.
BLOCK_S = 0.03


def main(configuration: str, blocks: int) -> None:
    """Print, by model, a list of rates, one of each block, and the largest difference from `pm.Bernoulli`."""
    settings, observations = read(configuration)
    functions, values = {}, {}
    for name, build in MODELS.items():
        functions[name], values[name] = evaluator(build(settings, observations))
    counts = {name: calls_in_a_block(function) for name, function in functions.items()}
    rates = {name: [] for name in functions}
    for block in range(blocks):
        for name in functions if block % 2 else reversed(functions):
            begin = time.thread_time()
            functions[name](counts[name])
            rates[name].append(counts[name] / (time.thread_time() - begin))
    cells = len(observations.cells[0])
    result = {
        "members": observations.matrix.shape[0],
        "rollcalls": observations.matrix.shape[1],
        "observed_share": cells / observations.matrix.size,
        "rates": rates,
        "difference": max(
            float(np.abs(value / values["pm.Bernoulli"] - 1).max()) for value in values.values()
        ),
    }
    print(json.dumps(result))


def evaluator(built: object) -> tuple[Callable[[int], None], np.ndarray]:
    """A function that evaluates density and gradient so many times, and their values."""
    compiled = bare_compile(built)
    point = np.random.default_rng(1).normal(size=compiled.n_dim)
    gradient, density = np.empty_like(point), np.empty(())
    pointer = ctypes.POINTER(ctypes.c_double)
    addresses = [array.ctypes.data_as(pointer) for array in (point, gradient, density)]
    function, data = compiled.compiled_logp_func.ctypes, compiled.user_data.ctypes.data

    def evaluate(times: int, _alive: object = (compiled, point)) -> None:
        for _ in range(times):
            function(len(point), *addresses, data)

    evaluate(1)
    return evaluate, np.append(gradient, density)


def calls_in_a_block(function: Callable[[int], None]) -> int:
    """As many as take about the time of a block."""
    begin = time.thread_time()
    function(20)
    return max(1, round(20 * BLOCK_S / (time.thread_time() - begin)))


main(sys.argv[1], int(sys.argv[2]))
