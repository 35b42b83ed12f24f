"""One true value among the draws of its posterior."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Judged:
    """`rank`: ranked draws below the truth. `z`: (mean − truth) / sd. `covered`: by each central interval."""

    rank: int | None
    z: float | None
    sd: float | None
    covered: list[bool] | None
    # Why numbers are missing.
    reason: str = ""


def judge(
    values: np.ndarray, truth: float, how: tuple[int, Sequence[int]], random: np.random.Generator
) -> Judged:
    """`values` are chains × draws; `how` is the number of ranked draws, and levels of intervals in percent.

    The rank is uniform on 0 … number of ranked draws where these are independent draws from the posterior. Of
    draws that equal the truth a random number counts as below it, so ties don't bias the rank (Modrák et al.
    2023). Mean, sd and intervals are of all draws.
    """
    draws, levels = how
    flat = values.ravel()
    if not np.isfinite(flat).all() or not np.isfinite(truth):
        return Judged(None, None, None, None, "a draw or the true value is not finite")
    few = thinned(flat, draws)
    rank = int((few < truth).sum() + random.integers(0, int((few == truth).sum()) + 1))
    sd = float(flat.std(ddof=1))
    low = np.quantile(flat, [0.5 - level / 200 for level in levels])
    high = np.quantile(flat, [0.5 + level / 200 for level in levels])
    covered = [bool(a <= truth <= b) for a, b in zip(low, high, strict=True)]
    if not sd > 0:
        return Judged(rank, None, None, covered, "all draws are equal")
    return Judged(rank, float((flat.mean() - truth) / sd), sd, covered)


def thinned(flat: np.ndarray, draws: int) -> np.ndarray:
    """So many draws, evenly spaced over all chains one after the other."""
    places = ((np.arange(draws) + 0.5) * len(flat) / draws).astype(int)
    return np.asarray(flat[places])
