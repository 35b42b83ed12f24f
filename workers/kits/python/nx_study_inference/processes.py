"""Memory of this process and all below it, as Linux counts it."""

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
    values = [_bytes_of(PROC / str(pid) / "status", field) for pid in process_tree()]
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def proportional_bytes() -> int | None:
    """Sum Pss over the tree: a page that several share counts once; None where the kernel doesn't tell."""
    values = [_proportional_bytes(pid) for pid in process_tree()]
    return None if None in values else sum(filter(None, values))


def reset_peaks() -> bool:
    """Start VmHWM of the whole tree anew; False where that isn't allowed."""
    reset = [_reset_peak(pid) for pid in process_tree()]  # all of them, also after a refusal
    return all(reset)


def _reset_peak(pid: int) -> bool:
    try:
        (PROC / str(pid) / "clear_refs").write_text("5")
    except OSError:
        return not (PROC / str(pid)).exists()  # it ended meanwhile
    return True


def _parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def _proportional_bytes(pid: int) -> int | None:
    folder = PROC / str(pid)
    known = _bytes_of(folder / "smaps_rollup", "Pss")
    has_none = known is None and _bytes_of(folder / "status", "VmRSS") is None  # it ended meanwhile
    return 0 if has_none else known


def _bytes_of(file: Path, field: str) -> int | None:
    try:
        lines = file.read_text(errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:")), None)
