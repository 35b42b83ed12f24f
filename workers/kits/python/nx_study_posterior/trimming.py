"""Chains of equal length: an aborted trace comes padded, and padding must never look like draws."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Trimmed:
    """Groups with real draws only; `lengths` is what every chain had kept before trimming."""

    posterior: Any | None
    sample_stats: Any | None
    warmup_posterior: Any | None
    warmup_sample_stats: Any | None
    lengths: list[int]

    @property
    def chains(self) -> int:
        """Chains that are left."""
        return 0 if self.posterior is None else self.posterior.sizes["chain"]

    @property
    def draws(self) -> int:
        """Kept draws per chain that is left."""
        return 0 if self.posterior is None else self.posterior.sizes["draw"]


def trim(trace: Any) -> Trimmed:
    """Leave out chains without a kept draw, cut the others to the shortest; tuning draws likewise."""
    posterior, stats, lengths = _trim_pair(trace, "posterior", "sample_stats")
    warmup, warmup_stats, _ = _trim_pair(trace, "warmup_posterior", "warmup_sample_stats")
    return Trimmed(posterior, stats, warmup, warmup_stats, lengths)


def _trim_pair(trace: Any, draws: str, stats: str) -> tuple[Any | None, Any | None, list[int]]:
    if draws not in trace.children or stats not in trace.children:
        return None, None, []
    statistics = trace[stats].to_dataset()
    # Integers are padded with 0 and flags with False, so only a float tells padding from a draw.
    lengths = np.isfinite(statistics["energy"].values).sum(axis=1)
    chains = np.flatnonzero(lengths)
    if not len(chains):
        return None, None, lengths.tolist()
    cut = {"chain": chains, "draw": slice(0, int(lengths[chains].min()))}
    return trace[draws].to_dataset().isel(cut), statistics.isel(cut), lengths.tolist()
