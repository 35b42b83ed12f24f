"""Resident memory of this process and all below it, as Linux counts it."""

import os
from pathlib import Path

PROC = Path("/proc")


def process_tree(root: int | None = None) -> list[int]:
    """List a process and everything below it, this one by default; only itself where there is no /proc."""
    root = os.getpid() if root is None else root
    parents = {int(entry.name): _parent(entry) for entry in PROC.glob("[0-9]*")}
    tree = [root]
    for pid in tree:  # grows while it is walked
        tree.extend(child for child, parent in parents.items() if parent == pid)
    return tree


def resident_bytes(field: str) -> int | None:
    """Sum VmRSS (now) or VmHWM (the peak) over the tree; None where there is no /proc."""
    values = [_status_bytes(pid, field) for pid in process_tree()]
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def reset_peaks() -> bool:
    """Start VmHWM of the whole tree anew; False where that isn't allowed."""
    reset = [_reset_peak(pid) for pid in process_tree()]  # all of them, also after a refusal
    return all(reset)


def _reset_peak(pid: int) -> bool:
    folder = PROC / str(pid)
    try:
        (folder / "clear_refs").write_text("5")
    except OSError:
        return pid != os.getpid() and not folder.exists()  # it ended meanwhile
    return True


def _parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def _status_bytes(pid: int, field: str) -> int | None:
    try:
        lines = (PROC / str(pid) / "status").read_text(errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:")), None)
