"""The data step: from files to the observed cells of the model, recording what was decided on the way."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from nx_study_worker import Unsupported

from .config import Configuration
from .start import FirstComponent, first_component
from .tables import Member, read_votes

LEFT, RIGHT = "D", "R"


@dataclass(frozen=True)
class Observations:
    """Members × roll calls as modelled, the observed cells as indices, and the report for the result."""

    members: list[Member]
    rollcalls: list[str]
    matrix: np.ndarray
    recoded: np.ndarray
    component: FirstComponent
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
    """Read, drop unanimous roll calls, sample, drop members without a vote, orient, recode."""
    votes = read_votes(configuration.votes, configuration.legislators)
    kept = np.flatnonzero(~_unanimous(votes.matrix))
    sampled = _sample(votes.rollcalls, kept, configuration.sample_rollcalls, configuration.sample_seed)
    matrix = votes.matrix[:, sampled]
    present = np.isfinite(matrix).any(axis=1)
    members = [member for member, there in zip(votes.members, present, strict=True) if there]
    matrix = matrix[present]
    if len(members) < 3 or len(sampled) < 2:
        raise Unsupported(
            f"{configuration.votes}: {len(members)} members and {len(sampled)} roll calls remain, "
            "3 and 2 are needed"
        )

    parties = np.array([member.party for member in members])
    component = first_component(matrix, parties == RIGHT, parties == LEFT)
    recoded = _recoded(matrix, parties, configuration.polarity)
    oriented = np.where(recoded, 1 - matrix, matrix)
    rollcalls = [votes.rollcalls[index] for index in sampled]
    report = {
        "rows": {
            "votes": len(votes.members),
            "legislators": votes.legislators,
            "kept": len(members),
            # Every row is kept, the president's among them; only an empty one has nothing to say.
            "dropped_without_votes": [
                _who(member) for member, there in zip(votes.members, present, strict=True) if not there
            ],
        },
        "rollcalls": {
            "read": len(votes.rollcalls),
            "unanimous_dropped": len(votes.rollcalls) - len(kept),
            "kept": len(kept),
            "sampled": len(sampled),
            "names": rollcalls,
        },
        "cells": {
            "read_observed": int(np.isfinite(votes.matrix).sum()),
            "kept": int(votes.matrix.shape[0] * len(kept)),
            "kept_observed": int(np.isfinite(votes.matrix[:, kept]).sum()),
            "modelled": int(matrix.size),
            "observed": int(np.isfinite(matrix).sum()),
        },
        "parties": {party: int((parties == party).sum()) for party in sorted(set(parties))},
        "neither_party": [_who(member) for member in members if member.party not in (LEFT, RIGHT)],
        "polarity": {
            "coding": "1 is the side of the party R" if configuration.polarity == "party" else "1 is yea",
            "recoded": int(recoded.sum()),
            "recoded_share": float(recoded.mean()),
        },
        "negative_discrimination_share_as_read": _negative_share(matrix, component.scores),
        "negative_discrimination_share": _negative_share(oriented, component.scores),
        "observed_sha256": _hash_cells(members, rollcalls, oriented),
    }
    return Observations(members, rollcalls, oriented, recoded, component, report)


def _unanimous(matrix: np.ndarray) -> np.ndarray:
    """Roll calls on which all observed votes agree, or that nobody voted on: nothing to learn from."""
    return (np.nansum(matrix, axis=0) == 0) | (np.nansum(1 - matrix, axis=0) == 0)


def _sample(names: list[str], kept: np.ndarray, count: int | None, seed: int) -> list[int]:
    """A choice by hash: the same on every machine and version, and a larger sample contains the smaller."""
    if count is None:
        return kept.tolist()
    if count > len(kept):
        raise Unsupported(f"sample.rollcalls: {count} asked for, {len(kept)} are not unanimous")
    ranked = sorted(kept.tolist(), key=lambda index: _rank(seed, names[index]))
    return sorted(ranked[:count])


def _rank(seed: int, name: str) -> bytes:
    return hashlib.sha256(f"{seed}:{name}".encode()).digest()


def _recoded(matrix: np.ndarray, parties: np.ndarray, polarity: str) -> np.ndarray:
    """Roll calls where R's share of yea is below D's; where one party is absent, nothing tells the side."""
    if polarity == "none":
        return np.zeros(matrix.shape[1], dtype=bool)
    for party in (LEFT, RIGHT):
        if party not in parties:
            raise Unsupported(
                f"polarity: party needs members of {LEFT} and {RIGHT}; there is nobody in {party}"
            )
    return _yea_share(matrix[parties == RIGHT]) < _yea_share(matrix[parties == LEFT])


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


def _who(member: Member) -> dict[str, str]:
    return {"legislator": member.id, "name": member.name, "party": member.party}
