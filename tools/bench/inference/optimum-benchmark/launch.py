"""Runs optimum-benchmark on a model directory; prints rates and the CPU time of its launcher as JSON."""

import json
import logging
import resource
import sys
import time

from optimum_benchmark import Benchmark, BenchmarkConfig, InferenceConfig, ProcessConfig, PyTorchConfig


def main(directory: str, threads: int, prompt_tokens: int, new_tokens: int, iterations: int) -> None:
    """Print `prefill_tok_s`, `decode_tok_s` and `launcher_cores`."""
    scenario = InferenceConfig(
        latency=True,
        iterations=iterations,
        duration=5,
        input_shapes={"batch_size": 1, "sequence_length": prompt_tokens},
        generate_kwargs={"min_new_tokens": new_tokens, "max_new_tokens": new_tokens},
    )
    backend = PyTorchConfig(
        model=directory,
        processor=directory,
        task="text-generation",
        library="transformers",
        model_type="llama",
        device="cpu",
        torch_dtype="float32",
        # The release swaps the two settings, so that this one is what limits the threads of an operation.
        inter_op_num_threads=threads,
    )
    config = BenchmarkConfig(name="bench", launcher=ProcessConfig(), scenario=scenario, backend=backend)
    wall, cpu = time.monotonic(), cpu_s()
    report = Benchmark.launch(config)
    cores = (cpu_s() - cpu) / (time.monotonic() - wall)
    rates = {
        # It counts samples per second for prefill.
        "prefill_tok_s": prompt_tokens / report.prefill.latency.p50,
        "decode_tok_s": (new_tokens - 1) / report.decode.latency.p50,
        "launcher_cores": cores,
    }
    print(json.dumps(rates))


def cpu_s() -> float:
    """CPU time of this process alone, in seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    main(sys.argv[1], *map(int, sys.argv[2:]))
