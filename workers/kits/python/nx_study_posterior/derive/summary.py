"""A sample in four numbers, or why there are none."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .absence import Absences

NOTHING: dict[str, Any] = {"mean": None, "sd": None, "eti90": None}


def summary(values: np.ndarray, path: str, absences: Absences) -> dict[str, Any]:
    """Mean, standard deviation and equal-tailed 90 % interval of a sample."""
    flat = values.ravel()
    if lost := int((~np.isfinite(flat)).sum()):
        absences.add(path, f"{lost} of {flat.size} draws are not finite")
        return dict(NOTHING)
    low, high = np.quantile(flat, [0.05, 0.95])
    spread = flat.std(ddof=1) if flat.size > 1 else np.nan
    return {
        "mean": float(flat.mean()),
        "sd": absences.number(f"{path}.sd", spread, "needs two draws"),
        "eti90": [float(low), float(high)],
    }


def element_summary(
    measures: Mapping[str, np.ndarray], at: int, path: str, absences: Absences
) -> dict[str, Any]:
    """The same of one element among those with `elements.moments`."""
    mean, low, high = (float(measures[name][at]) for name in ("mean", "q05", "q95"))
    if not np.isfinite(mean):
        absences.add(path, "a draw is not finite")
        return dict(NOTHING)
    return {
        "mean": mean,
        "sd": absences.number(f"{path}.sd", measures["sd"][at], "needs two draws"),
        "eti90": [low, high],
    }
