"""A sample in four numbers, or why there are none."""

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
