"""The quantities of interest of ideal points: parties, their distance and spread, fit."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from nx_study_posterior.derive.estimates import Quantity

from ..scale import VARIABLES, chambers_of
from .alignment import Alignment, unturned
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
        draws,
        aligned,
    )
    yield from _of_scale(draws)
    yield from _of_fit(fit, draws.without_draws(VARIABLES))


# Those that change their sign in the mirror image.
SIDED = ("party_gap", "party_mean.", "chamber_shift.", "pc1_correlation")
NO_SIDE = "under this prior the mirror image is as likely, so that positions have no side"


def prior_quantities(draws: VoteDraws) -> Iterator[Quantity]:
    """Those that need no votes, of draws from the prior; no votes say which side is which."""
    for one in _of_positions(draws, unturned(draws)):
        sided = draws.reflection_symmetric and one.name.startswith(SIDED)
        yield replace(one, values=None, reason=NO_SIDE) if sided else one
    yield from _of_scale(draws)


def _of_positions(draws: VoteDraws, aligned: Alignment) -> Iterator[Quantity]:
    if pair := draws.party_pair:
        yield from _of_pair(draws, aligned, pair)
    yield from _by_party(draws, aligned)
    yield from _by_chamber(draws, aligned)


def _of_pair(draws: VoteDraws, aligned: Alignment, pair: tuple[str, str]) -> Iterator[Quantity]:
    low, high = pair
    yield _of_aligned(
        "party_gap",
        "party gap",
        f"Mean position of the members of {high} less that of {low}, {STANDARD}",
        draws,
        aligned,
        main=True,
    )
    yield _of_aligned(
        "party_variance_share",
        "between parties",
        f"Share of the variance of the positions of {low} and {high} that lies between the two parties: "
        "ICC, or η² of an analysis of variance, with n in the denominators",
        draws,
        aligned,
    )


def _by_party(draws: VoteDraws, aligned: Alignment) -> Iterator[Quantity]:
    for name in draws.parties:
        yield _of_aligned(
            f"party_mean.{name}",
            f"mean {name}",
            f"Mean position of the members of {name}, {STANDARD}",
            draws,
            aligned,
        )
    for name in draws.parties:
        if f"party_spread.{name}" in draws.by_draw:
            yield _of_aligned(
                f"party_spread.{name}",
                f"spread {name}",
                f"Standard deviation of the positions of the members of {name} (n in the denominator)",
                draws,
                aligned,
            )


def _by_chamber(draws: VoteDraws, aligned: Alignment) -> Iterator[Quantity]:
    """Of each further chamber against the first."""
    found = chambers_of(draws)
    if not found:
        return
    first, *others = found
    for name in others:
        yield _of_aligned(
            f"chamber_shift.{name}",
            f"shift {name}",
            f"Mean position of who votes in {name} less that of who votes in {first}, {STANDARD}",
            draws,
            aligned,
        )
        yield _of_aligned(
            f"chamber_stretch.{name}",
            f"stretch {name}",
            f"Standard deviation of the positions of who votes in {name} over that in {first}",
            draws,
            aligned,
        )


def _of_scale(draws: VoteDraws) -> Iterator[Quantity]:
    """The same for both mirror images, so they need no alignment."""
    yield Quantity(
        name="position_sd",
        label="sd of ξ",
        description="Standard deviation of all positions of one draw on the model's own scale, "
        "before they are standardised",
        values=draws.by_draw["position_sd"],
    )
    yield Quantity(
        name="discrimination_mean",
        label="mean |β|",
        description="Mean over roll calls of |β| times the standard deviation of all positions: "
        "log-odds for one standard deviation",
        values=draws.by_draw["discrimination_mean"],
    )
    if draws.dimensions > 1:
        yield Quantity(
            name="discrimination_mean_2",
            label="mean |β₂|",
            description="As mean |β|, of the second dimension: log-odds for one standard deviation of it",
            values=draws.by_draw["discrimination_mean_2"],
        )


def _of_fit(fit: dict[str, Any], without_draws: str | None) -> Iterator[Quantity]:
    yield Quantity(
        name="correct_share",
        label="classified",
        description="Share of votes to which the posterior mean probability gives more than one half, of the "
        "votes that were fitted",
        values=_known(fit["correct_share"]),
        reason=without_draws or NOT_FINITE,
        mcse=fit["mcse"]["correct_share"],
    )
    yield Quantity(
        name="apre",
        label="APRE",
        description="Aggregate proportional reduction of error: 1 − wrongly classified votes / votes against "
        "their roll call's majority",
        values=_known(fit["apre"]),
        reason=without_draws or (NOT_FINITE if fit["correct_share"] is None else "every vote was unanimous"),
        mcse=fit["mcse"]["apre"],
    )


def _of_aligned(
    name: str, label: str, description: str, draws: VoteDraws, aligned: Alignment, *, main: bool = False
) -> Quantity:
    values = draws.by_draw[name] * (aligned.signs if name.startswith(SIDED) else 1)
    return Quantity(name, label, description, None if aligned.reason else values, aligned.reason, main=main)


def _known(value: float | None) -> float:
    return np.nan if value is None else value
