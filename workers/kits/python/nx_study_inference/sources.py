"""The energy counters of this machine, and why others are missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .counters import Counter
from .nvml import LIBRARY, Nvml, NvmlError
from .rapl import POWERCAP, rapl_counters


@dataclass(frozen=True)
class Sources:
    """The counters of this machine, and why others are `missing`: source → reason."""

    counters: Sequence[Counter] = ()
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Why there is no counter at all: what is wrong with the GPUs in use says more than the processor."""
        rapl = self.missing.get("rapl", "no_rapl")
        return self.missing.get("nvml-counter") or ("no_gpu_no_rapl" if rapl == "no_rapl" else rapl)


def find_sources(gpus: Sequence[int | str], powercap: Path = POWERCAP, library: str = LIBRARY) -> Sources:
    """Find every counter of the GPUs in use and of the processors."""
    rapl, rapl_reason = rapl_counters(powercap)
    nvml, nvml_reason = _nvml_counters(gpus, library)
    reasons = {"rapl": rapl_reason, "nvml-counter": nvml_reason}
    return Sources([*nvml, *rapl], {source: reason for source, reason in reasons.items() if reason})


def _nvml_counters(gpus: Sequence[int | str], library: str) -> tuple[list[Counter], str | None]:
    if not gpus:
        return [], None
    nvml = Nvml.open(library)
    if nvml is None:
        return [], "nvml_missing"
    counters = []
    for position, gpu in enumerate(gpus):
        try:
            device = nvml.device(gpu)
            device.energy_uj()
        except NvmlError as error:
            return [], f"nvml_not_supported: {error}"
        counters.append(Counter(f"gpu{position}", "nvml-counter", "device", device.energy_uj, None))
    return counters, None
