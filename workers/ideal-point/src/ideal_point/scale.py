"""Draws of a model of votes on one scale: numbers of each draw, and of each member and roll call.

Where not all draws are kept, they are computed while measuring and saved; else `derive` computes them.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

import numpy as np
import xarray as xr

from nx_study_posterior.elements import MEASURE, mixing, moments

from .log_odds import by_rollcall
from .people import OWN_MIN

# What the log-odds of a vote are computed from.
VARIABLES: Final = ("xi", "alpha", "beta")
# At the end of the names of what concerns a dimension.
SUFFIXES: Final = ("", "_2")
# Before the name of a chamber.
SIDE: Final = "chamber_side."


class Sampled(Protocol):
    """Draws with the votes that they are of: see groups.py."""

    @property
    def posterior(self) -> xr.Dataset:
        """`xi`, `alpha` and `beta`, (chain, draw, …)."""

    @property
    def constant(self) -> xr.Dataset:
        """By cell, legislator and roll call."""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Facts about the model and the data step."""


def computed(of: Sampled) -> xr.Dataset:
    """`by_draw` and `elements`, to be saved; names hold those of parties, so they are a coordinate."""
    numbers = by_draw(of)
    stacked = np.stack(list(numbers.values()), axis=2)
    return elements(of).assign(
        by_draw=(("chain", "draw", "number"), stacked), number=("number", list(numbers))
    )


def by_draw(of: Sampled) -> dict[str, np.ndarray]:
    """Name → (chain, draw): of positions with mean 0 and standard deviation 1, as drawn and not turned."""
    found: dict[str, np.ndarray] = {}
    standard = [standardised(positions(of.posterior, at)) for at in range(dimensions(of.constant))]
    for at, (suffix, values) in enumerate(zip(SUFFIXES, standard, strict=False)):
        spread = positions(of.posterior, at).std(axis=2)
        slopes = np.abs(discriminations(of.posterior, at)).mean(axis=2)
        found[f"pc{at + 1}_correlation"] = _mean_product(values, standardised(reference(of.constant, at)))
        found[f"position_sd{suffix}"] = spread
        found[f"discrimination_mean{suffix}"] = slopes * spread
    if len(standard) > 1:
        found["dimensions_correlation"] = (standard[0] * standard[1]).mean(axis=2)
    return {**found, **_of_parties(of, standard[0]), **_of_chambers(of, standard[0])}


def elements(of: Sampled) -> xr.Dataset:
    """On the aligned scale: of members (measure, legislator), of roll calls (moment, rollcall).

    Each draw is turned to the side of the first component where the mirror image is as likely. Then
    β ξ − α is what it was: α − β mean(ξ) and ± β sd(ξ). `chain_mean` is of positions as drawn.
    """
    found: dict[str, xr.DataArray] = {
        "alpha_aligned": _array(moments(_centred_difficulties(of)), "moment", "rollcall")
    }
    for at, suffix in enumerate(SUFFIXES[: dimensions(of.constant)]):
        standard, turn = standardised(positions(of.posterior, at)), signs(of, at)[:, :, None]
        spread = positions(of.posterior, at).std(axis=2, keepdims=True)
        found[f"chain_mean{suffix}"] = xr.DataArray(standard.mean(axis=1), dims=("chain", "legislator"))
        turned = standard * turn
        found[f"xi_aligned{suffix}"] = _array({**moments(turned), **mixing(turned)}, MEASURE, "legislator")
        slopes = discriminations(of.posterior, at) * turn * spread
        found[f"beta_aligned{suffix}"] = _array(moments(slopes), "moment", "rollcall")
    return xr.Dataset(found)


def signs(of: Sampled, dimension: int = 0) -> np.ndarray:
    """(chain, draw): -1 for a draw that is to be turned."""
    standard = standardised(positions(of.posterior, dimension))
    side = _mean_product(standard, standardised(reference(of.constant, dimension)))
    return np.where(reflection_symmetric(of.attributes) & (side < 0), -1.0, 1.0)


def standardised(values: np.ndarray) -> np.ndarray:
    """Mean 0 and standard deviation 1 over the last axis; NaN where they do not vary."""
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = values - values.mean(axis=-1, keepdims=True)
        return np.asarray(centred / centred.std(axis=-1, keepdims=True))


def positions(posterior: xr.Dataset, dimension: int = 0) -> np.ndarray:
    """(chain, draw, legislator), as drawn."""
    xi = posterior["xi"]
    return np.asarray(xi.values[..., dimension] if "dimension" in xi.dims else xi.values)


def discriminations(posterior: xr.Dataset, dimension: int = 0) -> np.ndarray:
    """(chain, draw, roll call), as drawn; where all roll calls share one, it is that of each."""
    beta = posterior["beta"]
    if "dimension" in beta.dims:
        return np.asarray(beta.values[..., dimension])
    return by_rollcall(beta.values, posterior["alpha"].values)


def reference(constant: xr.Dataset, dimension: int = 0) -> np.ndarray:
    """The component of the votes that tells the sides of a dimension; of two, as anchors rotate them."""
    if dimensions(constant) == 1:
        return np.asarray(constant["first_component"].values)
    return np.asarray(constant["components"].values[:, dimension])


def dimensions(constant: xr.Dataset) -> int:
    """Of positions."""
    return int(constant["components"].sizes["dimension"]) if "components" in constant else 1


def reflection_symmetric(attributes: Mapping[str, Any]) -> bool:
    """Whether the mirror image, in each dimension, is as likely, so that draws may be turned."""
    return bool(attributes.get("notes", {}).get("reflection_symmetric", False))


def parties(constant: xr.Dataset) -> list[str]:
    """All parties, as spelt in the file."""
    return sorted({str(party) for party in constant["party"].values})


def party_pair(attributes: Mapping[str, Any]) -> tuple[str, str] | None:
    """The two parties of the configuration, the one that is to lie lower first."""
    pair = attributes.get("parties")
    return (str(pair[0]), str(pair[1])) if pair else None


def chambers_of(of: Sampled) -> dict[str, np.ndarray]:
    """By name: the indices of the positions of who votes there; empty for a single chamber."""
    names = of.attributes.get("chambers", [])
    if len(names) < 2:
        return {}
    member, rollcall = of.constant["member_index"].values, of.constant["rollcall_index"].values
    chamber = of.constant["chamber"].values[rollcall]
    return {str(name): np.unique(member[chamber == index]) for index, name in enumerate(names)}


def _of_parties(of: Sampled, standard: np.ndarray) -> dict[str, np.ndarray]:
    party = of.constant["party"].values
    members = {name: party == name for name in parties(of.constant)}
    found = {f"party_mean.{name}": standard[:, :, at].mean(axis=2) for name, at in members.items()}
    found |= {
        f"party_spread.{name}": standard[:, :, at].std(axis=2) for name, at in members.items() if at.sum() > 1
    }
    if pair := party_pair(of.attributes):
        low, high = (party == name for name in pair)
        found["party_gap"] = standard[:, :, high].mean(axis=2) - standard[:, :, low].mean(axis=2)
        found["party_variance_share"] = _variance_share(standard, [low, high])
    return found


def _variance_share(standard: np.ndarray, groups: list[np.ndarray]) -> np.ndarray:
    """Variance of the groups' means, weighted by members, over the variance of all their members."""
    members = np.any(groups, axis=0)
    center = standard[:, :, members].mean(axis=2)
    between = sum(group.sum() * (standard[:, :, group].mean(axis=2) - center) ** 2 for group in groups) / int(
        members.sum()
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(between / standard[:, :, members].var(axis=2))


def _of_chambers(of: Sampled, standard: np.ndarray) -> dict[str, np.ndarray]:
    """`SIDE`: on which side of the reference those lie who vote only there, by its sign."""
    chambers = chambers_of(of)
    component = reference(of.constant)
    found: dict[str, np.ndarray] = {}
    for name, at in chambers.items():
        elsewhere = [others for other, others in chambers.items() if other != name]
        own = np.setdiff1d(at, np.concatenate(elsewhere))
        if len(own) >= OWN_MIN:
            found[f"{SIDE}{name}"] = _covariance(standard[:, :, own], component[own])
    if chambers:
        first, *others = chambers
        there = standard[:, :, chambers[first]]
        for name in others:
            here = standard[:, :, chambers[name]]
            found[f"chamber_shift.{name}"] = here.mean(axis=2) - there.mean(axis=2)
            found[f"chamber_stretch.{name}"] = here.std(axis=2) / there.std(axis=2)
    return found


def _covariance(standard: np.ndarray, component: np.ndarray) -> np.ndarray:
    """Up to a positive factor."""
    return np.asarray((standard - standard.mean(axis=2, keepdims=True)) @ (component - component.mean()))


def _mean_product(standard: np.ndarray, component: np.ndarray) -> np.ndarray:
    """Of values that are standardised: a correlation."""
    return np.asarray(standard @ component / len(component))


def _centred_difficulties(of: Sampled) -> np.ndarray:
    """α where every dimension has the mean 0: α − Σ β mean(ξ)."""
    centred = of.posterior["alpha"].values
    for at in range(dimensions(of.constant)):
        means = positions(of.posterior, at).mean(axis=2, keepdims=True)
        centred = centred - discriminations(of.posterior, at) * means
    return np.asarray(centred)


def _array(measures: Mapping[str, np.ndarray], over: str, element: str) -> xr.DataArray:
    return xr.DataArray(
        np.stack(list(measures.values())), dims=(over, element), coords={over: list(measures)}
    )
