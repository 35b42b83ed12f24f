"""request.json, read once and frozen."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from .errors import WorkerError

PROTOCOL = 1


@dataclass(frozen=True)
class Request:
    """What nx-study asks for; `configuration` is complete; its data files and assets are absolute paths."""

    protocol: int
    study: str
    id: str
    label: str
    repetition: int
    take: int
    digest: str
    configuration: Mapping[str, Any]
    seed: int
    allowance: Mapping[str, Any]
    time_limit_s: float | None
    cache_dir: str
    assets: Mapping[str, Mapping[str, Any]]  # by dotted path: name, path, sha256, bytes, licence
    assets_dir: str  # for assets derived from others, shared by all environments
    # By dotted path: the Python file itself, then the modules that it imports.
    modules: Mapping[str, Sequence[str]] = field(default_factory=dict)
    study_seed: int | None = None  # shared by all repetitions; None in a request of an earlier version

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read and check `path`; keys of a later, compatible protocol are ignored."""
        values = _read_object(path)
        if values.get("protocol") != PROTOCOL:
            raise WorkerError(f"{path}: protocol {values.get('protocol')!r}, this worker speaks {PROTOCOL}")
        optional = ("modules", "study_seed")
        required = [each.name for each in fields(cls) if each.name not in optional]
        if missing := [name for name in required if name not in values]:
            raise WorkerError(f"{path}: missing {', '.join(missing)}")
        return cls(**{each.name: values[each.name] for each in fields(cls) if each.name in values})

    @property
    def cpus(self) -> int:
        """How many CPUs this measurement may keep busy."""
        return max(1, int(self.allowance["cpus"]))


def _read_object(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except (OSError, ValueError) as error:
        raise WorkerError(f"{path}: not a readable request ({error})") from error
    if not isinstance(values, dict):
        raise WorkerError(f"{path}: expected a JSON object, found {type(values).__name__}")
    return values


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
