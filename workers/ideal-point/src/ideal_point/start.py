"""Where the chains begin: positions at the first principal component of the votes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .linking import Link
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
    vectors, values = components(matrix)
    return oriented(standard(vectors[:, 0]), float(values[0] ** 2 / (values**2).sum()), orientation)


def linked_component(
    matrices: Sequence[np.ndarray], people: Sequence[str], links: Sequence[Link], orientation: Orientation
) -> tuple[FirstComponent, list[float]]:
    """The first component of each chamber, on the scale of the first one, by who sits in several.

    `matrices`: members × roll calls of each chamber; NaN for who does not sit there. By link also the
    correlation of the scores of those who sit in both. A first component of all votes at once would be that
    of the largest chamber, with everyone else at 0.
    """
    own = [_of_chamber(matrix) for matrix in matrices]
    placed: dict[str, list[float]] = {}
    scores = [np.full(len(people), np.nan) for _ in matrices]
    correlations = []
    for body in [0, *(link.body for link in links)]:
        at, score = own[body].at, own[body].scores
        shared = [index for index, member in enumerate(at) if people[member] in placed]
        if shared:
            there = np.array([np.mean(placed[people[at[index]]]) for index in shared])
            score, correlation = _onto(score, score[shared], there)
            correlations.append(correlation)
        scores[body][at] = score
        for member, value in zip(at, score, strict=True):
            placed.setdefault(people[member], []).append(float(value))
    share = sum(one.first for one in own) / sum(one.total for one in own)
    return oriented(standard(np.nanmean(scores, axis=0)), share, orientation), correlations


@dataclass(frozen=True)
class _OfChamber:
    """Who votes there, z-scored scores, and the squares that the first component explains, and all."""

    at: np.ndarray
    scores: np.ndarray
    first: float
    total: float


def _of_chamber(matrix: np.ndarray) -> _OfChamber:
    at = np.flatnonzero(np.isfinite(matrix).any(axis=1))
    vectors, values = components(matrix[at])
    return _OfChamber(at, standard(vectors[:, 0]), float(values[0] ** 2), float((values**2).sum()))


def _onto(scores: np.ndarray, shared: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, float]:
    """Scores shifted, stretched and turned: the shared people get the mean and spread of `there`."""
    if shared.std() == 0 or there.std() == 0:
        return scores + there.mean() - shared.mean(), 0.0
    correlation = float(np.corrcoef(shared, there)[0, 1])
    stretch = np.copysign(there.std() / shared.std(), correlation)
    return there.mean() + stretch * (scores - shared.mean()), abs(correlation)


def components(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Left singular vectors and singular values of the votes by roll call, missing ones at their mean."""
    filled = np.where(np.isfinite(matrix), matrix - np.nanmean(matrix, axis=0), 0)
    vectors, values, _ = np.linalg.svd(filled, full_matrices=False)
    return vectors, values


def standard(scores: np.ndarray, which: str = "first") -> np.ndarray:
    """z-scored. Rounded, for the last bits depend on the BLAS and its threads, and decide every draw."""
    scores = scores - scores.mean()
    if not scores.std() > 1e-9:
        raise DataProblem(f"the {which} component of the votes does not tell the legislators apart")
    return np.asarray(np.round(scores / scores.std(), 6))


def oriented(scores: np.ndarray, share: float, orientation: Orientation) -> FirstComponent:
    """Scores with the sign that `orientation` gives them; `share` is what they explain."""
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
        sign * scores, share, orientation.words, None if distance is None else abs(distance)
    )


def _distance(scores: np.ndarray, orientation: Orientation) -> float | None:
    if not orientation.positive:
        return None
    positive = np.isin(np.arange(len(scores)), orientation.positive)
    negative = np.isin(np.arange(len(scores)), orientation.negative) if orientation.negative else ~positive
    return float(scores[positive].mean() - scores[negative].mean())
