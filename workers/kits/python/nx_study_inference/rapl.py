"""RAPL: the energy counters of Intel and AMD processors, as Linux shows them below /sys/class/powercap."""

import re
from collections.abc import Mapping
from pathlib import Path

from .counters import Counter, Scope

POWERCAP = Path("/sys/class/powercap")

SCOPES: Mapping[str, Scope] = {"package": "package", "core": "core", "dram": "dram", "psys": "platform"}


def rapl_counters(powercap: Path = POWERCAP) -> tuple[list[Counter], str | None]:
    """Find the counters that may be read, and why there are none, if so."""
    zones = sorted(powercap.glob("intel-rapl:*"))
    if not zones:
        return [], "no_rapl"
    counters: list[Counter] = []
    reason = "no_rapl"
    for zone in zones:
        try:
            if counter := _counter(zone):
                counters.append(counter)
        except PermissionError:  # since 2020 only root may read energy_uj
            reason = "rapl_permission_denied"
        except (OSError, ValueError) as error:
            reason = f"rapl_unreadable: {error}"
    return counters, None if counters else reason


def _counter(zone: Path) -> Counter | None:
    kind, _, number = (zone / "name").read_text().strip().partition("-")
    if kind not in SCOPES:  # uncore, for example, is a part of the package
        return None
    if not number and ":" in zone.name.removeprefix("intel-rapl:"):
        package = zone.with_name(zone.name.rpartition(":")[0])
        number = (package / "name").read_text().strip().partition("-")[2]
    file = zone / "energy_uj"
    _read(file)
    range_uj = _read(zone / "max_energy_range_uj")
    return Counter(
        f"{kind}-{number}" if number else kind, "rapl", SCOPES[kind], lambda: _read(file), range_uj
    )


def _read(file: Path) -> int:
    text = file.read_text().strip()
    if re.fullmatch("[0-9]+", text) is None:  # int() takes more for a number
        raise ValueError(f"{file}: {text!r} is no counter")
    return int(text)
