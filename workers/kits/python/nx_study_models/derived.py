"""Folders made from something else: once, whole or not at all, by one process at a time."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .exits import failure_of

DESCRIPTION = "nx-study-model.json"
MAKERS = ("transformers", "gguf", "torch")


def makers() -> str:
    """Tell which versions make a folder here: others may write another one from the same source."""
    return "-".join(f"{name}{_version(name)}" for name in MAKERS)


def form_of(*modules: str) -> str:
    """Tell which code makes a folder: another one may write another folder from the same source."""
    code = b"".join(Path(__file__).with_name(f"{module}.py").read_bytes() for module in modules)
    return hashlib.sha256(code).hexdigest()[:8]


def _version(package: str) -> str:
    try:
        return version(package).partition("+")[0]  # builds of one version, such as +cpu, make the same
    except PackageNotFoundError:
        return "0"


def derived_folder(
    folder: Path, module: str, arguments: Sequence[str], on_making: Callable[[], None]
) -> Path:
    """Return `folder`; the first time let `python -m module *arguments TEMPORARY` make it.

    A child process: making a model takes more memory than loading it, and the caller's peak is a measurement.
    """
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.with_name(f".{folder.name}.lock")) as lock:
        if not folder.is_dir():
            on_making()
            _make(folder, [sys.executable, "-m", module, *arguments], lock)
    return folder


def _make(folder: Path, command: list[str], lock: int) -> None:
    temporary = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(temporary, ignore_errors=True)  # of a process that was killed
    temporary.mkdir()
    # The child holds the lock as well: as long as it lives, nobody else begins.
    finished = subprocess.run(
        [*command, str(temporary)], stdin=subprocess.DEVNULL, pass_fds=[lock], check=False
    )
    if finished.returncode != 0:
        shutil.rmtree(temporary, ignore_errors=True)
        raise failure_of(" ".join(command[2:4]), finished.returncode)
    for path in [*temporary.rglob("*"), temporary]:
        _sync(path)
    temporary.rename(folder)
    _sync(folder.parent)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
