"""The most memory that this process ever held."""

import resource
import sys
from pathlib import Path


def rss_peak_bytes() -> int:
    """Peak of the resident set in bytes."""
    return _linux_peak() or _rusage_peak()


def _linux_peak() -> int | None:
    """Linux's ru_maxrss starts at the size of the parent that forked us; VmHWM is this program's own."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None


def _rusage_peak() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # bytes on macOS, KiB elsewhere
