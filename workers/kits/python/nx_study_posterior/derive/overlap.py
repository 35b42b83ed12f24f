"""Overlap of prior and posterior of each element of each variable.

The overlapping coefficient is ∫ min(prior, posterior): 1 where the data taught nothing, 0 where the two are
apart (Inman and Bradley 1989, doi:10.1080/03610928908830127). Above 0.35 the data say little about the
element (Garrett and Zeger 2000, doi:10.1111/j.0006-341X.2000.01055.x).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from arviz_stats.base import array_stats

from ..elements import still
from .absence import Absences
from .diagnostics import element_label
from .draws import Draws

PATH = "overlap"
LIMIT = 0.35
# Each takes about 1 ms of CPU time.
ELEMENTS_MAX = 3_000
DRAWS_USED = 4_000
# With fewer draws of the prior where the posterior is, their share is all that is known: an upper bound.
PRIOR_DRAWS_NEEDED = 5
BANDWIDTH = "silverman"


def overlaps(
    prior: Mapping[str, np.ndarray], draws: Draws, absences: Absences
) -> dict[str, dict[str, Any] | None]:
    """By variable: `prior` has draws, (draw, …), of each; None with a reason."""
    found: dict[str, dict[str, Any] | None] = {}
    for name, values in prior.items():
        found[name] = None
        if reason := draws.without_draws([name]):
            absences.add(f"{PATH}.{name}", reason)
            continue
        posterior = draws.posterior[name]
        if posterior.size == 0:
            absences.add(f"{PATH}.{name}", "it has no elements")
        elif posterior.dtype.kind != "f":
            absences.add(f"{PATH}.{name}", "its values are no real numbers")
        elif not (np.isfinite(values).all() and np.isfinite(posterior.values).all()):
            absences.add(f"{PATH}.{name}", "a draw is not finite")
        else:
            found[name] = overlap(values, posterior)
    return found


def overlap(prior: np.ndarray, posterior: xr.DataArray) -> dict[str, Any]:
    """Of a variable, by ArviZ's kernel densities: `prior` is (draw, …), `posterior` (chain, draw, …)."""
    before = prior.reshape(len(prior), -1)
    after = posterior.values.reshape(-1, before.shape[1])
    step = max(1, len(after) // DRAWS_USED)
    used = range(min(before.shape[1], ELEMENTS_MAX))
    values = np.array([overlap_of(before[:, at], after[::step, at]) for at in used])
    least, most = int(np.argmin(values)), int(np.argmax(values))
    return {
        "elements": len(used),
        "prior_draws": len(before),
        "limit": LIMIT,
        "above": int((values > LIMIT).sum()),
        "mean": float(values.mean()),
        "min": {"item": element_label(posterior, least), "overlap": float(values[least])},
        "max": {"item": element_label(posterior, most), "overlap": float(values[most])},
    }


def overlap_of(prior: np.ndarray, posterior: np.ndarray) -> float:
    """Of two samples of one number; that of equal distributions comes out at about 0.97."""
    if still(posterior[np.newaxis]):
        return 0.0
    grid, after, _ = array_stats.kde(posterior, bw=BANDWIDTH)
    # A prior with heavy tails would have all its grid far from the posterior.
    inside = prior[(prior >= grid[0]) & (prior <= grid[-1])]
    share = len(inside) / len(prior)
    if len(inside) < PRIOR_DRAWS_NEEDED or still(inside[np.newaxis]):
        return share
    points, before, _ = array_stats.kde(inside, bw=BANDWIDTH)
    density = share * np.interp(grid, points, before, left=0, right=0)
    return float(min(1.0, np.trapezoid(np.minimum(density, after), grid)))
