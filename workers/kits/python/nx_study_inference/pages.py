"""The page cache: a model's files are in it before a warm start, and out of it before a cold one."""

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CHUNK_BYTES = 1 << 23
COLD_SHARE = 0.01  # readahead under way may bring back a page or two
WARM_SHARE = 0.99
NO_FINCORE = "fincore (util-linux) is not here to look at the page cache"


@dataclass(frozen=True)
class PageCache:
    """What was done before loading, and whether the start is really `cold`: None with a `reason`."""

    page_cache: Literal["evicted", "filled", "as-found", "not-local"]
    cold: bool | None
    reason: str | None = None


def prepare_pages(start: Literal["cold", "warm"], paths: Sequence[Path]) -> PageCache:
    """Evict the files, or read them once; then look at what is resident."""
    files = list(files_of(paths))
    if not files:
        return PageCache("not-local", None, "the engine reads no local file")
    if start == "warm":
        for file in files:
            _fill(file)
        return _filled(resident_share(files))
    if not hasattr(os, "posix_fadvise"):
        return PageCache("as-found", None, "this system has no posix_fadvise")
    for file in files:
        _evict(file)
    return _evicted(resident_share(files))


def _filled(share: float | None) -> PageCache:
    if share is None:
        return PageCache("filled", None, NO_FINCORE)
    if share < WARM_SHARE:
        return PageCache("filled", None, f"only {_percent(share)} of the files are in the page cache")
    return PageCache("filled", False)


def _evicted(share: float | None) -> PageCache:
    if share is None:
        return PageCache("evicted", None, NO_FINCORE)
    if share > COLD_SHARE:
        return PageCache("evicted", None, f"{_percent(share)} of the files stayed in the page cache")
    return PageCache("evicted", True)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def resident_share(files: Sequence[Path]) -> float | None:
    """Share of the files' bytes in the page cache; None where `fincore` is missing."""
    command = ["fincore", "--bytes", "--raw", "--noheadings", "--output", "RES"]
    try:
        done = subprocess.run([*command, "--", *files], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    size = sum(file.stat().st_size for file in files)
    return sum(int(line) for line in done.stdout.split()) / size if size else None


def files_of(paths: Iterable[Path]) -> Iterable[Path]:
    """List files, and the files within folders."""
    for path in paths:
        yield from sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def _fill(file: Path) -> None:
    buffer = bytearray(CHUNK_BYTES)
    with open(file, "rb", buffering=0) as content:
        while content.readinto(buffer):
            pass


def _evict(file: Path) -> None:
    with open(file, "rb") as content:
        os.fsync(content.fileno())  # dirty pages can't be dropped
        os.posix_fadvise(content.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
