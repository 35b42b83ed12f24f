"""The data step: from files to the observed cells of the model, recording what was decided on the way."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .chamber import Chamber, read_chamber
from .config import Configuration
from .linking import Link
from .named import Orientation, party_counts
from .people import Member
from .plane import Plane, plane
from .problems import DataProblem
from .report import chambers_report, counts, party_changes, who
from .start import FirstComponent, first_component, linked_component


@dataclass(frozen=True)
class Chambers:
    """Names of the chambers or terms, whose roll calls and members these are, and what a term begins with."""

    names: list[str]
    of_rollcall: np.ndarray
    # By member: the first chamber in which he or she votes.
    home: np.ndarray
    # By member and chamber: how many there are.
    votes: list[list[int]]
    # By member: the earlier position of the same person, -1 for the first, and the terms between the two.
    previous: np.ndarray
    terms_since: np.ndarray
    links: list[Link]


@dataclass(frozen=True)
class Observations:
    """Members × roll calls as modelled, the observed cells as indices, and the report for the result."""

    members: list[Member]
    rollcalls: list[str]
    matrix: np.ndarray
    recoded: np.ndarray
    component: FirstComponent
    # The one that lies lower first; None where nothing names two.
    party_pair: tuple[str, str] | None
    chambers: Chambers
    # Of the two-dimensional model.
    plane: Plane | None
    report: dict[str, Any]

    @property
    def cells(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Member index, roll-call index and vote of every observed cell."""
        member, rollcall = np.nonzero(np.isfinite(self.matrix))
        return member, rollcall, self.matrix[member, rollcall].astype(np.int64)

    @property
    def parties(self) -> np.ndarray:
        """The party of every member, as written in the file."""
        return np.array([member.party for member in self.members])


def observe(configuration: Configuration) -> Observations:
    """Read and choose (chamber.py), orient, recode."""
    chamber = read_chamber(configuration.data)
    polarity = configuration.data.polarity
    members, pair = chamber.members, chamber.parties
    matrix = np.array(chamber.cells, dtype=float)  # None becomes NaN
    chambers = _chambers(chamber)
    recoded, undecided = _all_recoded(matrix, chamber, pair if polarity == "party" else None)
    oriented = np.where(recoded, 1 - matrix, matrix)
    component, links = component_of(matrix, members, chambers, chamber.orientation)
    if configuration.beta_prior.positive and _negative_share(oriented, component.scores) > 0.5:
        component = _other_side(component, chamber, polarity)
    report = {
        "reading": chamber.votes.reading,
        **counts(chamber),
        **(_of_several(chamber, links) if len(chamber.bodies) > 1 else {}),
        "parties": party_counts(members),
        "party_pair": list(pair) if pair else None,
        "neither_party": [who(member) for member in members if member.party not in (pair or ())],
        "polarity": {
            "coding": f"1 is the side of the party {pair[1]}" if pair and polarity == "party" else "1 is yea",
            "recoded": int(recoded.sum()),
            "recoded_share": float(recoded.mean()),
            # Neither party, or both to the same share: they stay as read.
            "undecided": undecided,
        },
        "negative_discrimination_share_as_read": _negative_share(matrix, component.scores),
        "negative_discrimination_share": _negative_share(oriented, component.scores),
        "observed_sha256": _hash_cells(members, chamber.rollcalls, oriented),
    }
    two = configuration.model == "two-dimensional"
    return Observations(
        members,
        chamber.rollcalls,
        oriented,
        recoded,
        component,
        pair,
        chambers,
        plane(matrix, component, chamber, chamber.anchors) if two else None,
        report,
    )


def _of_several(chamber: Chamber, links: list[float]) -> dict[str, Any]:
    return {"chambers": chambers_report(chamber, links), "party_changes": party_changes(chamber)}


def _chambers(chamber: Chamber) -> Chambers:
    previous = [(-1, 0) if one is None else one for one in chamber.joined.previous]
    return Chambers(
        names=[body.name for body in chamber.bodies],
        of_rollcall=np.array(chamber.joined.body_of),
        home=np.array(chamber.joined.home),
        votes=chamber.joined.votes,
        previous=np.array([at for at, _ in previous]),
        terms_since=np.array([terms for _, terms in previous]),
        links=chamber.joined.links,
    )


def component_of(
    matrix: np.ndarray, members: list[Member], chambers: Chambers, orientation: Orientation
) -> tuple[FirstComponent, list[float]]:
    """The first component, and by link how the chambers' own components agree on who sits in both."""
    if len(chambers.names) == 1:
        return first_component(matrix, orientation), []
    return linked_component(
        [matrix[:, chambers.of_rollcall == index] for index in range(len(chambers.names))],
        [member.person for member in members],
        chambers.links,
        orientation,
    )


def _other_side(component: FirstComponent, chamber: Chamber, polarity: str) -> FirstComponent:
    """A positive β makes positive who votes 1, whatever is set."""
    if not chamber.orientation.positive:
        words = "none: the side of most roll calls, for β is positive"
        return replace(component, scores=-component.scores, oriented_by=words)
    if polarity == "party" and chamber.parties:
        left, right = chamber.parties
        raise DataProblem(
            f"orientation: with `polarity: party` and a positive β the side of {right} is positive, which is "
            "against "
            f"`{chamber.orientation.words}`; exchange {left} and {right} in `parties`, or choose another "
            "orientation",
            setting="orientation",
        )
    return component


def _all_recoded(
    matrix: np.ndarray, chamber: Chamber, pair: tuple[str, str] | None
) -> tuple[np.ndarray, int]:
    """By chamber, since who changes the party may be of another one in each."""
    body_of = np.array(chamber.joined.body_of)
    recoded, undecided = np.zeros(matrix.shape[1], dtype=bool), 0
    for index, parties in enumerate(chamber.joined.parties_in):
        there = body_of == index
        recoded[there], more = _recoded(matrix[:, there], np.array(parties, dtype=object), pair)
        undecided += more
    return recoded, undecided


def _recoded(matrix: np.ndarray, parties: np.ndarray, pair: tuple[str, str] | None) -> tuple[np.ndarray, int]:
    """Roll calls where the second party's share of yea is below the first's, and how many have no side."""
    if pair is None:
        return np.zeros(matrix.shape[1], dtype=bool), 0
    low, high = (_yea_share(matrix[parties == party]) for party in pair)
    return high < low, int((~((high < low) | (high > low))).sum())


def _yea_share(matrix: np.ndarray) -> np.ndarray:
    observed = np.isfinite(matrix).sum(axis=0)
    return np.where(observed > 0, np.nansum(matrix, axis=0) / np.maximum(observed, 1), np.nan)


def _negative_share(matrix: np.ndarray, scores: np.ndarray) -> float:
    """Share of roll calls whose votes fall with the first component: their β wants to be negative."""
    observed = np.isfinite(matrix)
    filled = np.where(observed, matrix, 0)
    count = observed.sum(axis=0)
    covariance = scores @ filled - (scores @ observed) * filled.sum(axis=0) / count
    return float((covariance < 0).mean())


def _hash_cells(members: list[Member], rollcalls: list[str], matrix: np.ndarray) -> str:
    """What exactly was fitted: results on different cells or codings must not be compared by likelihood."""
    digest = hashlib.sha256()
    for row, column in np.argwhere(np.isfinite(matrix)):
        digest.update(f"{members[row].id},{rollcalls[column]},{int(matrix[row, column])}\n".encode())
    return digest.hexdigest()
