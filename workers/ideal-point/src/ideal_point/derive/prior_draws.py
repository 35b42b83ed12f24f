"""Draws from the prior of positions and roll calls, with a fixed seed: nothing is sampled for them."""

from typing import Any

import numpy as np
import xarray as xr

from nx_study_posterior.derive.absence import Absences

from ..scale import VARIABLES
from .draws import VoteDraws

DRAWS = 1_000
SEED = 20_060_110  # fixed: deriving again gives the same


def prior_draws(draws: VoteDraws, absences: Absences, path: str) -> VoteDraws | None:
    """The same votes and members with one chain of draws from the prior; None with a reason."""
    written: dict[str, Any] = draws.attributes.get("priors", {})
    random = np.random.default_rng(SEED)

    def draw(name: str) -> np.ndarray:
        return _of(random, written[name], draws.one_draw(name).shape)

    if {"mu_party", "sigma_within", "alpha", "beta"} <= written.keys() and draws.party_pair:
        values = {name: draw(name) for name in ("sigma_within", "alpha", "beta")}
        values["mu_party"] = np.sort(draw("mu_party"), axis=1)
        values["xi"] = _of_parties(draws, random, values, written["mu_party"])
    elif all(name in written for name in VARIABLES):
        values = {name: draw(name) for name in VARIABLES}
        if "previous" in draws.constant:
            values["tau"] = draw("tau")
            _walk(draws, random, values)
        _share_anchors(draws, values["xi"])
        if draws.chamber_of is not None:
            values |= {name: draw(name) for name in ("mu_chamber", "sigma_chamber")}
            _move_chambers(draws.chamber_of, random, values)
    else:
        absences.add(
            path, f"how to draw from the prior of the model {draws.attributes.get('model')} is not known"
        )
        return None
    return draws.with_posterior(
        xr.Dataset(
            {
                name: _as_drawn(draws.one_draw(name), one)
                for name, one in values.items()
                if name in draws.variables
            }
        )
    )


def _as_drawn(like: xr.DataArray, values: np.ndarray) -> xr.DataArray:
    """One chain of `values`, (draw, …), with the dimensions and coordinates of one draw."""
    return xr.DataArray(values[np.newaxis], dims=("chain", "draw", *like.dims), coords=like.coords)


def _of(random: np.random.Generator, prior: dict[str, Any], shape: tuple[int, ...]) -> np.ndarray:
    sigma = float(prior["sigma"])
    if prior["distribution"] == "halfnormal":
        return np.abs(random.normal(0, sigma, (DRAWS, *shape)))
    values = random.normal(float(prior["mu"]), sigma, (DRAWS, *shape))
    return np.exp(values) if prior["distribution"] in ("lognormal", "exp_normal") else values


def _of_parties(
    draws: VoteDraws, random: np.random.Generator, values: dict[str, np.ndarray], position: dict[str, Any]
) -> np.ndarray:
    """Positions around the means of the two parties; who is in neither has the position prior."""
    party = draws.constant["party"].values
    assert draws.party_pair is not None
    group = np.select([party == name for name in draws.party_pair], [0, 1], default=2)
    outside = np.ones((DRAWS, 1))
    center = np.concatenate([values["mu_party"], float(position["mu"]) * outside], axis=1)[:, group]
    spread = np.concatenate([values["sigma_within"], float(position["sigma"]) * outside], axis=1)[:, group]
    return np.asarray(center + spread * random.normal(0, 1, center.shape))


def _move_chambers(group: np.ndarray, random: np.random.Generator, values: dict[str, np.ndarray]) -> None:
    """Positions of who is at home in a further chamber lie around its mean."""
    further = group > 0
    center, spread = (values[name][:, group[further] - 1] for name in ("mu_chamber", "sigma_chamber"))
    values["xi"][:, further] = center + spread * random.normal(0, 1, center.shape)


def _walk(draws: VoteDraws, random: np.random.Generator, values: dict[str, np.ndarray]) -> None:
    """A later position is the one before it and a step of τ √(terms between)."""
    xi, tau = values["xi"], values["tau"]
    previous, terms = (draws.constant[name].values for name in ("previous", "terms_since"))
    # The earlier position of a person stands before the later one.
    for at in np.flatnonzero(previous >= 0):
        xi[:, at] = xi[:, previous[at]] + tau * np.sqrt(terms[at]) * random.normal(0, 1, len(xi))


def _share_anchors(draws: VoteDraws, xi: np.ndarray) -> None:
    """In two dimensions the two anchors have one position in the second."""
    anchors = draws.attributes.get("notes", {}).get("anchors")
    if draws.dimensions < 2 or not anchors:
        return
    ids = [str(one) for one in draws.constant["legislator"].values]
    one, other = (ids.index(str(anchor)) for anchor in anchors)
    xi[:, other, 1] = xi[:, one, 1]
