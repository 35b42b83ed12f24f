"""Posterior predictive checks: votes that the model would have cast, against those that were cast."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nx_study_posterior.derive.absence import Absences

from ..scale import VARIABLES
from .draws import VoteDraws
from .fit import Fitted, log_odds

SEED = 20_060_109  # fixed: deriving again gives the same


@dataclass(frozen=True)
class Replicated:
    """Votes drawn from the model, as counts of the vote 1 by group, (data set, group)."""

    votes: np.ndarray
    # Of each cell its party, legislator and roll call; and how many of them there are.
    groups: Mapping[str, np.ndarray]
    sizes: Mapping[str, int]
    counts: Mapping[str, np.ndarray]

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
    random = np.random.default_rng(SEED)
    for chunk in log_odds(draws):
        if not np.isfinite(chunk).all():
            absences.add(path, "a draw is not finite")
            return None
        probability = np.exp(-np.logaddexp(0, -chunk))
        for copy in random.random(chunk.shape) < probability:
            for name, group in groups.items():
                replicated[name].append(np.bincount(group, weights=copy, minlength=sizes[name]))
    return Replicated(votes, groups, sizes, {name: np.array(one) for name, one in replicated.items()})


def predictive(
    draws: VoteDraws, votes: Fitted | None, absences: Absences, path: str
) -> dict[str, Any] | None:
    """Shares of the vote 1 as cast and as replicated, and of votes classified right; None with a reason."""
    found = replicate(draws, absences, path)
    if found is None or votes is None:
        return None
    replicated, groups = described(found, draws.parties), found.groups
    hit = votes.probability.mean() > 0.5
    for index, name in enumerate(draws.parties):
        if name in replicated["by_party"]:
            replicated["by_party"][name]["correct_share"] = float(hit[groups["party"] == index].mean())
    shares = {name: _shares(groups[name], hit, found.sizes[name]) for name in ("legislator", "rollcall")}
    return {**replicated, "correct_share": shares}


def described(found: Replicated, parties: list[str]) -> dict[str, Any]:
    """By party, and by member and roll call."""
    votes, groups, counts = found.votes, found.groups, found.counts
    return {
        "draws_used": found.used,
        "by_party": _by_party(parties, groups["party"], votes, counts["party"]),
        "legislators": _outside(groups["legislator"], votes, counts["legislator"]),
        "rollcalls": _outside(groups["rollcall"], votes, counts["rollcall"]),
        "rates": {name: _rates(groups[name], votes, counts[name]) for name in ("legislator", "rollcall")},
    }


def prior_predictive(draws: VoteDraws, absences: Absences, path: str) -> dict[str, Any] | None:
    """The same from draws of the prior; it classifies no votes."""
    found = replicate(draws, absences, path)
    return None if found is None else described(found, draws.parties)


def _by_party(
    parties: list[str], party: np.ndarray, votes: np.ndarray, replicated: np.ndarray
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
