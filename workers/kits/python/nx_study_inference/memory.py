"""Peaks of memory while generating, in a pass of its own: looking disturbs time."""

from collections.abc import Callable
from typing import Any

from .device_memory import SAMPLE_PERIOD_S, DeviceMemory
from .engine import Engine
from .processes import proportional_bytes, reset_peaks, resident_bytes
from .sampling import sampled

NO_PROC = "this system has no /proc"
NO_PASS = "no memory pass was asked for"
NO_PSS = "this system doesn't tell how processes share their pages"
PSS_PERIOD_S = 0.5  # the kernel walks through all pages: 0.2 s for a GB
NOT_TOLD = {
    "torch_allocated_peak_bytes": "the engine doesn't allocate through torch",
    "torch_reserved_peak_bytes": "the engine doesn't allocate through torch",
    "kv_cache_bytes": "the engine doesn't tell",
}

Absent = str  # why there is no number
Memory = dict[str, int | Absent]


class MemoryPass:
    """Made before the model is read: it keeps what was in use then."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._devices = DeviceMemory(engine.gpus)
        self._before: Memory = {
            "rss_before_bytes": resident_bytes("VmRSS") or NO_PROC,
            "device_vram_before_bytes": _told(self._devices),
        }

    def __call__(
        self, call: Callable[[int], object], iterations: int
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Perform the calls; returns the payload's `memory`, and the reasons of its nulls."""
        peaks = self._peaks(call, iterations) if iterations > 0 else _no_peaks()
        values = {**self._before, **peaks}
        reasons = {name: value for name, value in values.items() if isinstance(value, str)}
        sampled = iterations > 0 and self._devices.reason is None
        memory = {
            "sample_period_s": SAMPLE_PERIOD_S if sampled else None,
            **{name: None if name in reasons else value for name, value in values.items()},
        }
        if not sampled:
            reasons["sample_period_s"] = self._devices.reason or NO_PASS
        return memory, reasons

    def _peaks(self, call: Callable[[int], object], iterations: int) -> Memory:
        self._engine.reset_memory_peaks()
        resident = reset_peaks()
        proportional: list[int | None] = []

        def look() -> None:
            proportional.append(proportional_bytes())

        with self._devices.peaks() as device, sampled(look, PSS_PERIOD_S):
            for iteration in range(iterations):
                call(iteration)
        unseen = self._devices.reason or "the driver doesn't tell it by process here"
        return {
            "rss_peak_bytes": (resident_bytes("VmHWM") if resident else None)
            or "the peak can't be started anew here",
            "pss_peak_bytes": NO_PSS if None in proportional else max(filter(None, proportional)),
            "device_vram_peak_bytes": unseen if device.device_vram is None else device.device_vram,
            "process_vram_peak_bytes": unseen if device.process_vram is None else device.process_vram,
            **NOT_TOLD,
            **self._engine.memory_peaks(),
        }


def _told(devices: DeviceMemory) -> int | Absent:
    used = devices.used_bytes()
    return devices.reason or "" if used is None else used


def _no_peaks() -> Memory:
    names = ("rss_peak_bytes", "pss_peak_bytes", "device_vram_peak_bytes", "process_vram_peak_bytes")
    return dict.fromkeys((*names, *NOT_TOLD), NO_PASS)
