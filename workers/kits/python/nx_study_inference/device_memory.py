"""Memory of the GPUs in use, now and at its peak."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from .nvml import LIBRARY, Nvml
from .processes import process_tree
from .sampling import sampled

SAMPLE_PERIOD_S = 0.01


@dataclass
class DevicePeaks:
    """Peaks in bytes while it was looked; None where nothing was seen, or not until the end."""

    device_vram: int | None = None
    process_vram: int | None = None


class DeviceMemory:
    """All GPUs in use together; `reason` says why nothing can be seen, or no longer."""

    def __init__(self, gpus: Sequence[int | str], library: str = LIBRARY) -> None:
        self.reason: str | None = None
        try:
            nvml = Nvml(library) if gpus else None
            self._devices = [nvml.device(gpu) for gpu in gpus] if nvml else []
        except OSError as error:
            self.reason = f"NVML: {error}"
        self.used_bytes()
        if not gpus:
            self.reason = "no GPU in use"

    def used_bytes(self) -> int | None:
        """Memory in use on the devices, by anybody."""
        if self.reason:
            return None
        try:
            return sum(device.used_bytes() for device in self._devices)
        except OSError as error:
            self.reason = f"NVML: {error}"
            return None

    def process_bytes(self, pids: Sequence[int]) -> int | None:
        """Memory in use by these processes; None where the driver doesn't tell for one of the devices."""
        used = [device.process_bytes(pids) for device in self._devices]
        return None if None in used else sum(filter(None, used))

    @contextmanager
    def peaks(self) -> Iterator[DevicePeaks]:
        """Look again and again in a thread; what is yielded is complete when the block ends."""
        peaks = DevicePeaks()
        if self.reason:
            yield peaks
            return
        pids = process_tree()

        def look() -> None:
            used = self.used_bytes()
            if used is None:
                return
            peaks.device_vram = _larger(peaks.device_vram, used)
            peaks.process_vram = _larger(peaks.process_vram, self.process_bytes(pids))

        try:
            with sampled(look, SAMPLE_PERIOD_S):
                yield peaks
        finally:
            if self.reason:  # the peak may have come later
                peaks.device_vram = peaks.process_vram = None


def _larger(known: int | None, seen: int | None) -> int | None:
    return known if seen is None else max(known or 0, seen)
