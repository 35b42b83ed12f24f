"""NVIDIA's management library, straight from the driver: energy counters and memory of GPUs."""

import ctypes
import os
from collections.abc import Iterable, Sequence
from typing import Any, Self

LIBRARY = "libnvidia-ml.so.1"
NOT_SUPPORTED = 3
INSUFFICIENT_SIZE = 7
NOT_AVAILABLE = 2**64 - 1


class NvmlError(OSError):
    """A call that NVML refused; `code` is its own."""

    def __init__(self, function: str, code: int) -> None:
        super().__init__(f"{function} returned {code}")
        self.code = code


class _Memory(ctypes.Structure):
    used: int
    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


class _Process(ctypes.Structure):
    pid: int
    used: int
    _fields_ = (
        ("pid", ctypes.c_uint),
        ("used", ctypes.c_ulonglong),
        ("gpu_instance", ctypes.c_uint),
        ("compute_instance", ctypes.c_uint),
    )


class Nvml:
    """An initialised library; raises OSError where there is no driver."""

    def __init__(self, library: str = LIBRARY) -> None:
        self._library = ctypes.CDLL(library)
        self._call("nvmlInit_v2")

    @classmethod
    def open(cls, library: str = LIBRARY) -> Self | None:
        """Initialise the library, or None where there is none that works."""
        try:
            return cls(library)
        except OSError:
            return None

    def device(self, gpu: int | str) -> "Device":
        """Find a GPU by its ordinal among the visible ones, or by its UUID."""
        named = _visible(gpu)
        handle = ctypes.c_void_p()
        if named.isdecimal():
            self._call("nvmlDeviceGetHandleByIndex_v2", ctypes.c_uint(int(named)), ctypes.byref(handle))
        else:
            self._call("nvmlDeviceGetHandleByUUID", named.encode(), ctypes.byref(handle))
        return Device(self, handle)

    def _call(self, function: str, *arguments: Any) -> None:
        try:
            code = self._library[function](*arguments)
        except AttributeError:  # an older driver
            code = NOT_SUPPORTED
        if code != 0:
            raise NvmlError(function, code)


class Device:
    """One GPU."""

    def __init__(self, library: Nvml, handle: ctypes.c_void_p) -> None:
        self._library = library
        self._handle = handle

    def energy_uj(self) -> int:
        """Energy since the driver was loaded, in µJ; the counter itself moves about ten times a second."""
        millijoules = ctypes.c_ulonglong()
        self._call("nvmlDeviceGetTotalEnergyConsumption", ctypes.byref(millijoules))
        return millijoules.value * 1000

    def used_bytes(self) -> int:
        """Memory in use on the whole device."""
        memory = _Memory()
        self._call("nvmlDeviceGetMemoryInfo", ctypes.byref(memory))
        return memory.used

    def process_bytes(self, pids: Iterable[int]) -> int | None:
        """Memory that these processes use; None where the driver doesn't tell, or sees none of them."""
        known = set(pids)
        try:
            used = [entry.used for entry in self._processes() if entry.pid in known]
        except NvmlError:  # older drivers and parts of a GPU have no such list
            return None
        return sum(used) if used and NOT_AVAILABLE not in used else None

    def _processes(self) -> Sequence[_Process]:
        size = 64
        while True:
            count, entries = ctypes.c_uint(size), (_Process * size)()
            try:
                self._call("nvmlDeviceGetComputeRunningProcesses_v3", ctypes.byref(count), entries)
            except NvmlError as error:
                if error.code != INSUFFICIENT_SIZE:
                    raise
                size *= 2
            else:
                return entries[: count.value]

    def _call(self, function: str, *arguments: Any) -> None:
        self._library._call(function, self._handle, *arguments)


def _visible(gpu: int | str) -> str:
    """What NVML knows a CUDA ordinal by: ordinals count the visible devices only.

    NVML orders by PCI bus, CUDA does with `CUDA_DEVICE_ORDER: PCI_BUS_ID` in the worker's `env`.
    """
    if isinstance(gpu, str):
        return gpu
    visible = [
        entry.strip() for entry in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if entry.strip()
    ]
    return visible[gpu] if gpu < len(visible) else str(gpu)
