"""Where positions in two dimensions begin, and which two legislators say how they are rotated."""

from dataclasses import dataclass

import numpy as np

from .chamber import Chamber
from .problems import DataProblem
from .start import FirstComponent, components, oriented, standard

# Anchors that are nearer to each other, in standard deviations of the components, hardly name a direction.
APART_MIN = 1.0
# An anchor by default votes on this share of the roll calls at least.
VOTES_MIN = 0.5


@dataclass(frozen=True)
class Plane:
    """Members × 2, z-scored components rotated so that both anchors have the same second coordinate."""

    start: np.ndarray
    anchors: tuple[int, int]


def plane(
    matrix: np.ndarray, component: FirstComponent, chamber: Chamber, anchors: tuple[int, int] | None
) -> Plane:
    """From the votes and their oriented first component; dimension 1 is oriented as that is."""
    one, other = pair = anchors or _ends(matrix, component.scores)
    both = _both(matrix, component)
    distance = float(np.hypot(*(both[other] - both[one])))
    if distance < APART_MIN:
        names = f"{chamber.members[one].name} and {chamber.members[other].name}"
        raise DataProblem(
            f"anchors: {names} lie only {distance:.2f} standard deviations apart on the first two components "
            "of the votes, so that they hardly say how the two dimensions are rotated; at least "
            f"{APART_MIN:g} are needed. Name two at opposite ends",
            setting="anchors",
        )
    start = _level(both, pair)
    first = oriented(start[:, 0], component.explained_share, chamber.orientation)
    return Plane(np.column_stack([first.scores, start[:, 1]]), pair)


def plane_of(matrix: np.ndarray, component: FirstComponent, anchors: tuple[int, int]) -> Plane:
    """Of simulated votes, in which anchors may lie anywhere; no side of dimension 1 is preferred."""
    return Plane(_level(_both(matrix, component), anchors), anchors)


def _both(matrix: np.ndarray, component: FirstComponent) -> np.ndarray:
    vectors, _ = components(matrix)
    return np.column_stack([component.scores, standard(vectors[:, 1], "second")])


def _level(both: np.ndarray, anchors: tuple[int, int]) -> np.ndarray:
    """Rotated by less than a right angle, after which the line through the anchors is level."""
    one, other = anchors
    across, up = both[other] - both[one]
    distance = float(np.hypot(across, up))
    # Two at one point lie level however the plane is turned.
    level = np.array([across, up]) / distance if distance > 0 else np.array([1.0, 0.0])
    level *= 1.0 if across >= 0 else -1.0
    first = both @ level
    second = both @ np.array([-level[1], level[0]])
    second = np.round(second * (1.0 if second[int(np.argmax(np.abs(second)))] >= 0 else -1.0), 6)
    second[other] = second[one]
    return np.column_stack([np.round(first, 6), second])


def _ends(matrix: np.ndarray, first: np.ndarray) -> tuple[int, int]:
    """The lowest and the highest on the first component, of those who vote often."""
    often = np.flatnonzero(np.isfinite(matrix).mean(axis=1) >= VOTES_MIN)
    often = often if len(often) > 1 else np.arange(len(first))
    return int(often[np.argmin(first[often])]), int(often[np.argmax(first[often])])
