"""Readings of a GPU from NVIDIA's management library, straight from the driver."""

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nx_study_inference.nvml import Device, Nvml, NvmlError

from .judging import Sample

EVERY_S = 0.5
NAME_BYTES = 96


class Gpu(Device):
    """A GPU with what the workers' kit doesn't ask; None where the driver doesn't tell."""

    @classmethod
    def of(cls, library: Nvml, ordinal: int) -> "Gpu":
        """Find a GPU by its ordinal among the visible ones."""
        device = library.device(ordinal)
        return cls(library, device._handle)

    def name(self) -> str:
        """The name of the model."""
        text = ctypes.create_string_buffer(NAME_BYTES)
        try:
            self._call("nvmlDeviceGetName", text, ctypes.c_uint(NAME_BYTES))
        except NvmlError:
            return "a GPU without a name"
        return text.value.decode()

    def power_w(self) -> float | None:
        """Power now; since Ampere mostly the mean of the last second."""
        milliwatts = ctypes.c_uint()
        return self._told(lambda: self._call("nvmlDeviceGetPowerUsage", ctypes.byref(milliwatts)), milliwatts)

    def power_limit_w(self) -> float | None:
        """The limit in force."""
        milliwatts = ctypes.c_uint()
        return self._told(
            lambda: self._call("nvmlDeviceGetEnforcedPowerLimit", ctypes.byref(milliwatts)), milliwatts
        )

    def throttle_reasons(self) -> int | None:
        """Why the clocks are low, as bits."""
        mask = ctypes.c_ulonglong()
        try:
            self._call("nvmlDeviceGetCurrentClocksThrottleReasons", ctypes.byref(mask))
        except NvmlError:
            return None
        return mask.value

    def memory_bytes(self) -> int | None:
        """Memory in use on the whole GPU."""
        try:
            return self.used_bytes()
        except NvmlError:
            return None

    def sample(self) -> Sample:
        """Read everything once."""
        try:
            energy_uj = self.energy_uj()
        except NvmlError:
            energy_uj = None
        return Sample(time.perf_counter(), energy_uj, self.power_w(), self.throttle_reasons())

    def _told(self, ask: Callable[[], None], milliwatts: ctypes.c_uint) -> float | None:
        try:
            ask()
        except NvmlError:
            return None
        return milliwatts.value / 1000


@contextmanager
def recorded(gpu: Gpu, every_s: float = EVERY_S) -> Iterator[list[Sample]]:
    """Sample in a thread while the block runs; the list is complete when it ends."""
    samples: list[Sample] = []
    over = threading.Event()

    def look() -> None:
        while True:
            samples.append(gpu.sample())
            if over.wait(every_s):
                return

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def wait_for_baseline(
    gpu: Gpu, before_bytes: int | None, most_s: float, left_bytes: int
) -> tuple[int | None, float]:
    """Wait until the memory is as before, or for so long; returns what is in use then, and the wait in s."""
    begin = time.perf_counter()
    while True:
        used, waited_s = gpu.memory_bytes(), time.perf_counter() - begin
        if before_bytes is None or used is None or used <= before_bytes + left_bytes or waited_s >= most_s:
            return used, waited_s
        time.sleep(0.5)
