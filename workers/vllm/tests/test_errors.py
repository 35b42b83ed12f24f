import pytest

from nx_study_worker import WorkerError, failure_type
from vllm_worker.errors import out_of_memory
from vllm_worker.watch import ENDED

DEVICE = (
    "Free memory on device cuda:0 (1.0/80.0 GiB) on startup is less than desired GPU memory utilization (0.9)"
)
NODE = "Available memory on node 0 (3.2/7.7 GiB) on kv cache allocation is less than requested memory for kv"
POINTER = "Engine core initialization failed. See root cause above. Failed core proc(s): {'EngineCore': 1}"


@pytest.mark.parametrize(
    "message",
    [
        DEVICE,
        NODE,
        "No available memory for the cache blocks. Try increasing `gpu_memory_utilization`",
        "9.0 GiB KV cache is needed, which is larger than the available KV cache memory (1.0 GiB)",
    ],
)
def test_memory_that_ran_out(message, tmp_path):
    error = ValueError(message)
    with pytest.raises(MemoryError) as caught, out_of_memory(tmp_path / "worker.log"):
        raise error
    assert str(caught.value) == message
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("message", [f"ValueError: {NODE}", "torch.OutOfMemoryError: CUDA out of memory."])
@pytest.mark.parametrize("error", [RuntimeError(POINTER), WorkerError(f"{ENDED}: EngineCore by exit code 1")])
def test_memory_that_ran_out_in_another_process(error, message, tmp_path):
    log = tmp_path / "worker.log"
    log.write_text(f"(EngineCore pid=7) INFO loading\n(EngineCore pid=7) ERROR {message}\nTraceback\n")
    with pytest.raises(MemoryError) as caught, out_of_memory(log):
        raise error
    assert str(caught.value) == f"(EngineCore pid=7) ERROR {message}"


@pytest.mark.parametrize(
    ("message", "written"),
    [
        ("unknown dtype", f"ValueError: {NODE}\n"),  # what others wrote is not its cause
        (POINTER, "ValueError: unknown dtype\n"),
        (POINTER, None),
        # vLLM says this of every start that succeeds.
        (POINTER, "Free memory on device cuda:0 (79/80 GiB) on startup. Desired GPU memory is 0.9\n"),
    ],
)
def test_other_errors_stay(message, written, tmp_path):
    log = tmp_path / "worker.log"
    if written is not None:
        log.write_text(written)
    with pytest.raises(ValueError) as caught, out_of_memory(log):
        raise ValueError(message)
    assert str(caught.value) == message
    assert failure_type(caught.value) == "crash"
