"""Where the chains begin: positions at the first principal component of the votes."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class FirstComponent:
    """z-scored scores of the members, the share of variance they explain, and what fixed their sign."""

    scores: np.ndarray
    explained_share: float
    oriented_by: str


def first_component(matrix: np.ndarray, right: np.ndarray, left: np.ndarray) -> FirstComponent:
    """First component of the votes, missing ones at the mean of their roll call; R is positive."""
    filled = np.where(np.isfinite(matrix), matrix - np.nanmean(matrix, axis=0), 0)
    vectors, values, _ = np.linalg.svd(filled, full_matrices=False)
    scores = vectors[:, 0] - vectors[:, 0].mean()
    # Rounded: the last bits depend on the BLAS and its threads, and would decide every draw that follows.
    scores = np.round(scores / scores.std(), 6)
    sign, oriented_by = _orientation(scores, right, left)
    return FirstComponent(sign * scores, float(values[0] ** 2 / (values**2).sum()), oriented_by)


def _orientation(scores: np.ndarray, right: np.ndarray, left: np.ndarray) -> tuple[float, str]:
    if right.any() and left.any():
        return (1.0 if scores[right].mean() >= scores[left].mean() else -1.0), "party R positive"
    extreme = int(np.argmax(np.abs(scores)))
    return (1.0 if scores[extreme] >= 0 else -1.0), "the most extreme member positive"
