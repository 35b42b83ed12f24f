"""Where positions in two dimensions begin, and which two legislators say how they are rotated."""

from dataclasses import dataclass

import numpy as np

from .people import Member
from .problems import DataProblem
from .start import components, standard

# Anchors that are nearer to each other, in standard deviations of scores, hardly name a direction.
APART_MIN = 1.0
# An anchor by default votes on this share of the roll calls at least.
VOTES_MIN = 0.5


@dataclass(frozen=True)
class Plane:
    """Members × 2, z-scored components rotated so that both anchors have the same second coordinate."""

    start: np.ndarray
    anchors: tuple[int, int]


def plane(
    matrix: np.ndarray, first: np.ndarray, members: list[Member], anchors: tuple[int, int] | None
) -> Plane:
    """From the votes and the oriented scores on their first component."""
    vectors, _ = components(matrix)
    if vectors.shape[1] < 2:
        raise DataProblem("two dimensions need votes that differ in more than one way")
    second = standard(vectors[:, 1], "second")
    second = second * (1.0 if second[int(np.argmax(np.abs(second)))] >= 0 else -1.0)
    one, other = anchors or _ends(matrix, first)
    along = first[other] - first[one]
    if abs(along) < APART_MIN:
        raise DataProblem(
            f"anchors: {members[one].name} and {members[other].name} lie only {abs(along):.2f} standard "
            "deviations apart on the first component of the votes, so that they hardly say how the two "
            f"dimensions are rotated; at least {APART_MIN:g} are needed. Name two at opposite ends",
            setting="anchors",
        )
    angle = np.arctan((second[other] - second[one]) / along)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    start = np.round(np.column_stack([first, second]) @ turn, 6)
    start[other, 1] = start[one, 1]
    return Plane(start, (one, other))


def _ends(matrix: np.ndarray, first: np.ndarray) -> tuple[int, int]:
    """The lowest and the highest on the first component, of those who vote often."""
    often = np.flatnonzero(np.isfinite(matrix).mean(axis=1) >= VOTES_MIN)
    often = often if len(often) > 1 else np.arange(len(first))
    return int(often[np.argmin(first[often])]), int(often[np.argmax(first[often])])
