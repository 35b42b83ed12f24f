"""The workloads of a configuration, and the order in which one process runs them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SHAPE = ("batch_size", "prompt_tokens", "new_tokens")


@dataclass(frozen=True, slots=True)
class Workload:
    """A shape to measure; `index` is its place in the configuration."""

    index: int
    batch_size: int
    prompt_tokens: int
    new_tokens: int


def workloads_of(configuration: Mapping[str, Any]) -> list[Workload]:
    """List the workloads as written; keys that an entry leaves out or has as null come from the top level."""
    written: Sequence[Mapping[str, int | None]] = configuration.get("workloads") or [{}]
    return [
        Workload(index, *(_or(entry.get(name), configuration[name]) for name in SHAPE))
        for index, entry in enumerate(written)
    ]


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def workload_order(seed: int, count: int) -> list[int]:
    """Indices of the workloads in the order of their run: seeded, the same in every kit."""
    return sorted(
        range(count),
        key=lambda index: hashlib.sha256(f"{seed}/order/{index}".encode()).hexdigest(),
    )


def in_order(workloads: Sequence[Workload], seed: int) -> list[Workload]:
    """Sort workloads into the order of their run."""
    return [workloads[index] for index in workload_order(seed, len(workloads))]
