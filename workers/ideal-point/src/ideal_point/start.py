"""Where the chains begin: positions at the first principal component of the votes."""

from dataclasses import dataclass

import numpy as np

from .named import Orientation
from .problems import DataProblem

# Below it the sign hangs on the last votes: a twentieth of the spread of positions.
FAINT = 0.05


@dataclass(frozen=True)
class FirstComponent:
    """z-scored scores of the members, the share of variance they explain, and what fixed their sign."""

    scores: np.ndarray
    explained_share: float
    oriented_by: str
    # Mean score of who is to be positive less that of who is not; None without orientation.
    oriented_by_scores: float | None


def first_component(matrix: np.ndarray, orientation: Orientation) -> FirstComponent:
    """First component of the votes, missing ones at their mean; its sign as `orientation` says."""
    filled = np.where(np.isfinite(matrix), matrix - np.nanmean(matrix, axis=0), 0)
    vectors, values, _ = np.linalg.svd(filled, full_matrices=False)
    scores = vectors[:, 0] - vectors[:, 0].mean()
    if not scores.std() > 1e-9:
        raise DataProblem("the first component of the votes does not tell the legislators apart")
    # Rounded: the last bits depend on the BLAS and its threads, and would decide every draw that follows.
    scores = np.round(scores / scores.std(), 6)
    distance = _distance(scores, orientation)
    if distance is not None and abs(distance) < FAINT:
        raise DataProblem(
            f"orientation: {orientation.words} has no side: on the first component of the votes it lies only "
            f"{abs(distance):.3f} standard deviations from the others. Set `orientation` to a legislator at "
            "one end, or to none",
            setting="orientation",
        )
    sign = 1.0 if (scores[int(np.argmax(np.abs(scores)))] if distance is None else distance) >= 0 else -1.0
    return FirstComponent(
        sign * scores,
        float(values[0] ** 2 / (values**2).sum()),
        orientation.words,
        None if distance is None else abs(distance),
    )


def _distance(scores: np.ndarray, orientation: Orientation) -> float | None:
    if not orientation.positive:
        return None
    positive = np.isin(np.arange(len(scores)), orientation.positive)
    negative = np.isin(np.arange(len(scores)), orientation.negative) if orientation.negative else ~positive
    return float(scores[positive].mean() - scores[negative].mean())
