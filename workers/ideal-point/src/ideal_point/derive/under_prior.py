"""What a model of votes makes of its prior alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.derived import Own
from nx_study_posterior.derive.estimates import Quantity

from .basis import basis
from .draws import VoteDraws
from .predictive import Replicated, described, replicate
from .quantities import prior_quantities
from .section import PATH

PREDICTIVE = f"{PATH}.prior_predictive"
RATES = ("observed", "replicated_mean", "replicated_low", "replicated_high")


def of_prior(_directory: Path, draws: VoteDraws, absences: Absences) -> Own:
    """Of draws from the prior."""
    replicated = replicate(draws, absences, PREDICTIVE)
    return Own(
        basis=basis(draws),
        of_interest=[*_yea_rates(draws, replicated), *prior_quantities(draws)],
        further={},
        sections={"ideal-point": _section(draws, replicated)},
        written=draws.attributes.get("priors", {}),
    )


def _yea_rates(draws: VoteDraws, replicated: Replicated | None) -> Iterator[Quantity]:
    """Of all votes of a data set, and of each party's."""
    if replicated is None:
        return
    counts = replicated.counts["party"]
    cast = np.bincount(replicated.groups["party"], minlength=replicated.sizes["party"])
    meaning = (
        "Share of the votes for the side coded as 1, in one set of votes that the model makes under the prior"
    )
    yield Quantity(
        "yea_rate", "share of 1", meaning, (counts.sum(axis=1) / cast.sum())[np.newaxis], main=True
    )
    for index, party in enumerate(draws.parties):
        if cast[index]:
            yield Quantity(
                f"yea_rate.{party}",
                f"share of 1, {party}",
                f"{meaning}: votes of {party}",
                (counts[:, index] / cast[index])[np.newaxis],
            )


def _section(draws: VoteDraws, replicated: Replicated | None) -> dict[str, Any]:
    """Rates by party, and by member and roll call with their names."""
    if replicated is None:
        return {"prior_predictive": None}
    found = described(replicated, draws.parties)
    rates = found.pop("rates")
    constant = draws.constant
    members = [
        {"legislator": str(one), "name": str(name), "party": str(party)}
        for one, name, party in zip(
            draws.constant["legislator"].values,
            draws.names,
            constant["party"].values,
            strict=True,
        )
    ]
    rollcalls = [
        {"rollcall": str(one), "recoded": bool(recoded)}
        for one, recoded in zip(draws.constant["rollcall"].values, constant["recoded"].values, strict=True)
    ]
    return {
        "prior_predictive": found,
        "prior_members": _with_rates(members, rates["legislator"]),
        "prior_rollcalls": _with_rates(rollcalls, rates["rollcall"]),
    }


def _with_rates(items: list[dict[str, Any]], rates: dict[str, list[float | None]]) -> list[dict[str, Any]]:
    """Each with its share of votes for the side coded as 1, as cast and under the prior; null for none."""
    return [{**item, **{name: rates[name][at] for name in RATES}} for at, item in enumerate(items)]
