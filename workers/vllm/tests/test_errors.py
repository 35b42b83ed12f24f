import pytest

from vllm_worker.errors import out_of_memory


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


@pytest.mark.parametrize(
    "error",
    [
        OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        ValueError("Free memory on device cuda:0 (1.0/80.0 GiB) on startup is less than desired"),
        ValueError("No available memory for the cache blocks. Try increasing `gpu_memory_utilization`"),
    ],
)
def test_memory_that_ran_out(error):
    with pytest.raises(MemoryError) as caught, out_of_memory():
        raise error
    assert str(caught.value) == str(error)
    assert caught.value.__cause__ is error


def test_other_errors_stay():
    with pytest.raises(ValueError, match="unknown dtype"), out_of_memory():
        raise ValueError("unknown dtype")
