"""Posterior predictive checks: votes that the model would have cast, against those that were cast."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nx_study_posterior.derive.absence import Absences

from ..scale import VARIABLES
from .draws import VoteDraws
from .fit import log_odds

SEED = 20_060_109  # fixed: deriving again gives the same


@dataclass(frozen=True)
class Replicated:
    """Votes drawn from the model, as counts of the vote 1 by group, (data set, group)."""

    votes: np.ndarray
    # Of each cell its party, legislator and roll call; and how many of them there are.
    groups: Mapping[str, np.ndarray]
    sizes: Mapping[str, int]
    counts: Mapping[str, np.ndarray]
    # Whether the mean probability names the vote that was cast.
    hit: np.ndarray

    @property
    def used(self) -> int:
        """Data sets."""
        return len(self.counts["party"])


def replicate(draws: VoteDraws, absences: Absences, path: str) -> Replicated | None:
    """One data set for each of the draws that are used; None with a reason."""
    if reason := draws.without_draws(VARIABLES):
        absences.add(path, reason)
        return None
    votes = draws.observed["y"].values
    member, rollcall = (draws.constant["member_index"].values, draws.constant["rollcall_index"].values)
    parties = draws.parties
    party = np.array([parties.index(str(name)) for name in draws.constant["party"].values])[member]
    replicated: dict[str, list[np.ndarray]] = {"party": [], "legislator": [], "rollcall": []}
    groups = {"party": party, "legislator": member, "rollcall": rollcall}
    sizes = {
        "party": len(parties),
        "legislator": draws.constant.sizes["legislator"],
        "rollcall": draws.constant.sizes["rollcall"],
    }
    correct = np.zeros(len(votes))
    used, random = 0, np.random.default_rng(SEED)
    for chunk in log_odds(draws):
        if not np.isfinite(chunk).all():
            absences.add(path, "a draw is not finite")
            return None
        probability = np.exp(-np.logaddexp(0, -chunk))
        correct += probability.sum(axis=0)
        used += len(chunk)
        for copy in random.random(chunk.shape) < probability:
            for name, group in groups.items():
                replicated[name].append(np.bincount(group, weights=copy, minlength=sizes[name]))
    hit = (correct / used > 0.5) == (votes == 1)
    return Replicated(votes, groups, sizes, {name: np.array(one) for name, one in replicated.items()}, hit)


def predictive(draws: VoteDraws, absences: Absences, path: str) -> dict[str, Any] | None:
    """Shares of the vote 1 as cast and as replicated; None with a reason."""
    found = replicate(draws, absences, path)
    return None if found is None else described(found, draws.parties)


def described(found: Replicated, parties: list[str]) -> dict[str, Any]:
    """By party, and by member and roll call."""
    votes, hit, groups, counts = found.votes, found.hit, found.groups, found.counts
    return {
        "draws_used": found.used,
        "by_party": _by_party(parties, groups["party"], votes, hit, counts["party"]),
        "legislators": _outside(groups["legislator"], votes, counts["legislator"]),
        "rollcalls": _outside(groups["rollcall"], votes, counts["rollcall"]),
        "rates": {name: _rates(groups[name], votes, counts[name]) for name in ("legislator", "rollcall")},
        "correct_share": {
            name: _shares(groups[name], hit, found.sizes[name]) for name in ("legislator", "rollcall")
        },
    }


def prior_predictive(draws: VoteDraws, absences: Absences, path: str) -> dict[str, Any] | None:
    """The same from draws of the prior; it classifies no votes."""
    found = replicate(draws, absences, path)
    return None if found is None else unclassified(described(found, draws.parties))


def unclassified(found: dict[str, Any]) -> dict[str, Any]:
    """Without what is said of predictions."""
    for party in found["by_party"].values():
        del party["correct_share"]
    del found["correct_share"]
    return found


def _by_party(
    parties: list[str], party: np.ndarray, votes: np.ndarray, hit: np.ndarray, replicated: np.ndarray
) -> dict[str, Any]:
    found = {}
    for index, name in enumerate(parties):
        cast = party == index
        count = int(cast.sum())
        if count == 0:
            continue
        low, high = np.quantile(replicated[:, index] / count, [0.05, 0.95])
        found[name] = {
            "votes": count,
            "correct_share": float(hit[cast].mean()),
            "observed_share": float(votes[cast].mean()),
            "replicated_mean": float((replicated[:, index] / count).mean()),
            "replicated_eti90": [float(low), float(high)],
        }
    return found


def _outside(group: np.ndarray, votes: np.ndarray, replicated: np.ndarray) -> dict[str, int]:
    """How many groups have a count of the vote 1 beyond the middle 90 % of the replicated ones."""
    present = np.bincount(group, minlength=replicated.shape[1]) > 0
    observed = np.bincount(group, weights=votes, minlength=replicated.shape[1])
    low, high = np.quantile(replicated, [0.05, 0.95], axis=0)
    outside = ((observed < low) | (observed > high)) & present
    return {"count": int(present.sum()), "outside_eti90": int(outside.sum())}


def _rates(group: np.ndarray, votes: np.ndarray, replicated: np.ndarray) -> dict[str, list[float | None]]:
    """Of each group: the share of the vote 1 as cast, and as replicated with its middle 90 %."""
    count = np.bincount(group, minlength=replicated.shape[1])
    cast = np.bincount(group, weights=votes, minlength=replicated.shape[1])
    low, high = np.quantile(replicated, [0.05, 0.95], axis=0)

    def share(sums: np.ndarray) -> list[float | None]:
        return [round(float(one / of), 4) if of else None for one, of in zip(sums, count, strict=True)]

    return {
        "observed": share(cast),
        "replicated_mean": share(replicated.mean(axis=0)),
        "replicated_low": share(low),
        "replicated_high": share(high),
    }


def _shares(group: np.ndarray, hit: np.ndarray, size: int) -> list[float | None]:
    count, hits = (np.bincount(group, minlength=size), np.bincount(group, weights=hit, minlength=size))
    return [float(one / of) if of else None for one, of in zip(hits, count, strict=True)]
