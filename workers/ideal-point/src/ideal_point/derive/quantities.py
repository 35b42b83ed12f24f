"""The quantities of interest of ideal points: parties, their distance and spread, fit."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from nx_study_posterior.derive.estimates import Quantity

from .alignment import Alignment, standardised
from .chambers import shifts
from .draws import VoteDraws
from .fit import NOT_FINITE

STANDARD = "in standard deviations of all members"


def quantities(draws: VoteDraws, aligned: Alignment, fit: dict[str, Any]) -> Iterator[Quantity]:
    """The answer of most studies first. Of aligned positions, unless the description says otherwise."""
    yield from _of_positions(draws, aligned)
    yield _of_aligned(
        "pc1_correlation",
        "corr. with PC1",
        "Correlation of the positions of one draw with the first principal component of the votes",
        aligned,
        None if aligned.positions is None else _with_first_component(draws, aligned.positions),
    )
    yield from _of_scale(draws)
    yield from _of_fit(fit)


# Those that change their sign in the mirror image.
SIDED = ("party_gap", "party_mean.", "chamber_shift.")
NO_SIDE = "under this prior the mirror image is as likely, so that positions have no side"


def prior_quantities(draws: VoteDraws) -> Iterator[Quantity]:
    """Those that need no votes, of draws from the prior; no votes say which side is which."""
    positions = standardised(draws)
    for one in _of_positions(draws, positions):
        sided = draws.reflection_symmetric and one.name.startswith(SIDED)
        yield replace(one, values=None, reason=NO_SIDE) if sided else one
    yield from _of_scale(draws)


def _of_positions(draws: VoteDraws, aligned: Alignment) -> Iterator[Quantity]:
    if pair := draws.party_pair:
        yield from _of_pair(draws, aligned, pair)
    yield from _by_party(draws, aligned)
    yield from shifts(draws, aligned.positions, aligned.reason)


def _with_first_component(draws: VoteDraws, positions: np.ndarray) -> np.ndarray:
    """(chain, draw), for positions with mean 0 and standard deviation 1 in each draw."""
    component = draws.constant["first_component"].values
    reference = (component - component.mean()) / component.std()
    return np.asarray(positions @ reference / len(reference))


def _of_pair(draws: VoteDraws, aligned: Alignment, pair: tuple[str, str]) -> Iterator[Quantity]:
    party, positions = draws.constant["party"].values, aligned.positions
    low, high = pair
    yield _of_aligned(
        "party_gap",
        "party gap",
        f"Mean position of the members of {high} less that of {low}, {STANDARD}",
        aligned,
        positions
        if positions is None
        else positions[:, :, party == high].mean(axis=2) - positions[:, :, party == low].mean(axis=2),
        main=True,
    )
    yield _of_aligned(
        "party_variance_share",
        "between parties",
        f"Share of the variance of the positions of {low} and {high} that lies between the two parties: "
        "ICC, or η² of an analysis of variance, with n in the denominators",
        aligned,
        positions if positions is None else _variance_share(positions, [party == low, party == high]),
    )


def _variance_share(positions: np.ndarray, groups: list[np.ndarray]) -> np.ndarray:
    """Variance of the groups' means, weighted by members, over the variance of all their members."""
    members = np.any(groups, axis=0)
    center = positions[:, :, members].mean(axis=2)
    between = sum(
        group.sum() * (positions[:, :, group].mean(axis=2) - center) ** 2 for group in groups
    ) / int(members.sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        return between / positions[:, :, members].var(axis=2)


def _by_party(draws: VoteDraws, aligned: Alignment) -> Iterator[Quantity]:
    party, positions = draws.constant["party"].values, aligned.positions
    for name in draws.parties:
        yield _of_aligned(
            f"party_mean.{name}",
            f"mean {name}",
            f"Mean position of the members of {name}, {STANDARD}",
            aligned,
            positions if positions is None else positions[:, :, party == name].mean(axis=2),
        )
    for name in draws.parties:
        if (party == name).sum() < 2:
            continue
        yield _of_aligned(
            f"party_spread.{name}",
            f"spread {name}",
            f"Standard deviation of the positions of the members of {name} (n in the denominator)",
            aligned,
            positions if positions is None else positions[:, :, party == name].std(axis=2),
        )


def _of_scale(draws: VoteDraws) -> Iterator[Quantity]:
    """The same for both mirror images, so they need no alignment."""
    spread = draws.positions().std(axis=2)
    yield Quantity(
        name="position_sd",
        label="sd of ξ",
        description="Standard deviation of all positions of one draw on the model's own scale, "
        "before they are standardised",
        values=spread,
    )
    yield Quantity(
        name="discrimination_mean",
        label="mean |β|",
        description="Mean over roll calls of |β| times the standard deviation of all positions: "
        "log-odds for one standard deviation",
        values=np.abs(draws.discriminations()).mean(axis=2) * spread,
    )
    if draws.dimensions > 1:
        yield Quantity(
            name="discrimination_mean_2",
            label="mean |β₂|",
            description="As mean |β|, of the second dimension: log-odds for one standard deviation of it",
            values=np.abs(draws.discriminations(1)).mean(axis=2) * draws.positions(1).std(axis=2),
        )


def _of_fit(fit: dict[str, Any]) -> Iterator[Quantity]:
    yield Quantity(
        name="correct_share",
        label="classified",
        description="Share of votes to which the posterior mean probability gives more than one half, of the "
        "votes that were fitted",
        values=_known(fit["correct_share"]),
        reason=NOT_FINITE,
        mcse=fit["mcse"]["correct_share"],
    )
    yield Quantity(
        name="apre",
        label="APRE",
        description="Aggregate proportional reduction of error: 1 − wrongly classified votes / votes against "
        "their roll call's majority",
        values=_known(fit["apre"]),
        reason=NOT_FINITE if fit["correct_share"] is None else "every vote was unanimous",
        mcse=fit["mcse"]["apre"],
    )


def _of_aligned(
    name: str,
    label: str,
    description: str,
    aligned: Alignment,
    values: np.ndarray | None,
    *,
    main: bool = False,
) -> Quantity:
    reason = None if aligned.positions is not None else aligned.reason
    return Quantity(name, label, description, None if reason else values, reason, main=main)


def _known(value: float | None) -> float:
    return np.nan if value is None else value
