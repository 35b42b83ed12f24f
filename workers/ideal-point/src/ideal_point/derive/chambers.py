"""Several chambers or terms on one scale: who votes in which, their shift and stretch, and their sides."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nx_study_posterior.derive.estimates import Quantity

from .draws import VoteDraws

# Two people lie the other way round by chance too easily.
OWN_MIN = 3


def chambers_of(draws: VoteDraws) -> dict[str, np.ndarray]:
    """By name: the indices of the positions of who votes there; empty for a single chamber."""
    names = draws.attributes.get("chambers", [])
    if len(names) < 2:
        return {}
    member, rollcall = draws.constant["member_index"].values, draws.constant["rollcall_index"].values
    chamber = draws.constant["chamber"].values[rollcall]
    return {str(name): np.unique(member[chamber == index]) for index, name in enumerate(names)}


def mirrored_shares(draws: VoteDraws, positions: np.ndarray, reference: np.ndarray) -> dict[str, float]:
    """By chamber: the share of draws in which those who vote only there lie the other way round.

    `positions`: (chain, draw, legislator), turned as a whole. Chambers with too few of them are left out.
    """
    found = chambers_of(draws)
    shares = {}
    for name, at in found.items():
        elsewhere = [others for other, others in found.items() if other != name]
        own = np.setdiff1d(at, np.concatenate(elsewhere))
        if len(own) >= OWN_MIN:
            shares[name] = float((_covariance(positions[:, :, own], reference[own]) < 0).mean())
    return shares


def chambers(draws: VoteDraws, mirrored: Mapping[str, float]) -> list[dict[str, Any]]:
    """For the section."""
    of_rollcall = draws.constant["chamber"].values if "chamber" in draws.constant else np.array([])
    return [
        {
            "chamber": name,
            "legislators": len(at),
            "rollcalls": int((of_rollcall == index).sum()),
            "mirrored_draw_share": mirrored.get(name),
        }
        for index, (name, at) in enumerate(chambers_of(draws).items())
    ]


def shifts(draws: VoteDraws, positions: np.ndarray | None, reason: str | None) -> Iterator[Quantity]:
    """Of each further chamber against the first."""
    found = chambers_of(draws)
    if not found:
        return
    first, *others = found
    for name in others:
        here, there = found[name], found[first]
        yield Quantity(
            name=f"chamber_shift.{name}",
            label=f"shift {name}",
            description=f"Mean position of who votes in {name} less that of who votes in {first}, in "
            "standard deviations of all members",
            values=None
            if positions is None
            else positions[:, :, here].mean(axis=2) - positions[:, :, there].mean(axis=2),
            reason=reason,
        )
        yield Quantity(
            name=f"chamber_stretch.{name}",
            label=f"stretch {name}",
            description=f"Standard deviation of the positions of who votes in {name} over that in {first}",
            values=None
            if positions is None
            else positions[:, :, here].std(axis=2) / positions[:, :, there].std(axis=2),
            reason=reason,
        )


def _covariance(positions: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Up to a positive factor."""
    return np.asarray((positions - positions.mean(axis=2, keepdims=True)) @ (reference - reference.mean()))
