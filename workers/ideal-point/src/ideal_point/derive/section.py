"""The ideal-point section: positions, signs, parties, roll calls, fit. No gate reads it."""

from typing import Any

import numpy as np
import xarray as xr

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.diagnostics import summarise
from nx_study_posterior.derive.estimates import mcse_of_mean
from nx_study_posterior.derive.summary import NOTHING, summary

from .alignment import Alignment, correlation
from .chambers import chambers
from .draws import VoteDraws
from .fit import fit, fitted
from .predictive import predictive
from .sides import sides

PATH = "sections.ideal-point"
SPLIT_RAW = (
    "draws are on both sides, so that a mean over them cancels out; aligned numbers are turned draw by draw"
)
DIAGNOSTICS = ("rhat_max", "ess_bulk_min", "ess_tail_min", "mcse_mean_max", "mcse_sd_max")


def ideal_point_section(draws: VoteDraws, aligned: Alignment, absences: Absences) -> dict[str, Any]:
    """Raw positions stand beside the aligned ones; aligned diagnostics never replace raw ones."""
    # Then a raw mean is of neither side.
    raw_reason = SPLIT_RAW if aligned.split and draws.reflection_symmetric else None
    for path in ("positions.raw", "rollcalls.beta"):
        if raw_reason:
            absences.add(f"{PATH}.{path}", raw_reason)
    for path in ("positions.aligned", "aligned", "correlation_with_pc1", "parties", "rollcalls.aligned"):
        if aligned.reason:
            absences.add(f"{PATH}.{path}", aligned.reason)
    votes = fitted(draws)
    return {
        "positions": _positions(draws, aligned, raw_reason, absences),
        "aligned": _diagnostics(draws, aligned, absences),
        "sign": sides(draws, aligned, absences, f"{PATH}.sign"),
        "correlation_with_pc1": _correlations(draws, aligned, absences),
        "parties": _parties(draws, aligned, absences),
        "rollcalls": _rollcalls(draws, aligned, raw_reason, absences),
        "fit": fit(draws, votes, absences, f"{PATH}.fit"),
        **({"chambers": found} if (found := chambers(draws, aligned.mirrored_chambers)) else {}),
        "predictive": predictive(draws, votes.probability.mean(), absences, f"{PATH}.predictive"),
    }


def _positions(
    draws: VoteDraws, aligned: Alignment, raw_reason: str | None, absences: Absences
) -> list[dict[str, Any]]:
    raw, legislators, names = draws.positions(), draws.posterior["legislator"].values, draws.names
    votes = np.bincount(draws.constant["member_index"].values, minlength=len(legislators))

    def one(values: np.ndarray | None, index: int, scale: str) -> dict[str, Any]:
        if values is None:
            return dict(NOTHING)
        return summary(values[:, :, index], f"{PATH}.positions.{index}.{scale}", absences)

    errors = None if aligned.positions is None else mcse_of_mean(aligned.positions)

    def error(index: int) -> float | None:
        if errors is None:
            return None
        path = f"{PATH}.positions.{index}.aligned.mcse_mean"
        return absences.number(path, errors[index], "needs four draws that differ")

    return [
        {
            "legislator": str(legislator),
            "name": names[index],
            "party": str(draws.constant["party"].values[index]),
            "votes": int(votes[index]),
            "raw": one(None if raw_reason else raw, index, "raw"),
            "aligned": {**one(aligned.positions, index, "aligned"), "mcse_mean": error(index)},
        }
        for index, legislator in enumerate(legislators)
    ]


def _diagnostics(draws: VoteDraws, aligned: Alignment, absences: Absences) -> dict[str, Any]:
    if aligned.positions is None:
        return {"size": draws.posterior.sizes["legislator"], **dict.fromkeys(DIAGNOSTICS)}
    coordinates = {"legislator": draws.posterior["legislator"].values}
    dims = ("chain", "draw", "legislator")
    array = xr.DataArray(aligned.positions, dims=dims, coords=coordinates, name="aligned")
    return summarise(array, f"{PATH}.aligned", absences)


def _correlations(draws: VoteDraws, aligned: Alignment, absences: Absences) -> dict[str, Any]:
    component = draws.constant["first_component"].values
    party = draws.constant["party"].values
    if aligned.positions is None:
        return {"overall": None, "within_party": dict.fromkeys(draws.parties)}
    mean = aligned.positions.mean(axis=(0, 1))
    path, reason = f"{PATH}.correlation_with_pc1", "fewer than three members, or no variation among them"
    return {
        "overall": absences.number(f"{path}.overall", correlation(mean, component), reason),
        "within_party": {
            name: absences.number(
                f"{path}.within_party.{name}",
                correlation(mean[party == name], component[party == name]),
                reason,
            )
            for name in draws.parties
        },
    }


def _parties(draws: VoteDraws, aligned: Alignment, absences: Absences) -> dict[str, Any]:
    party = draws.constant["party"].values
    positions, pair = aligned.positions, draws.party_pair
    path = f"{PATH}.parties"
    means = (
        {}
        if positions is None
        else {name: positions[:, :, party == name].mean(axis=2) for name in draws.parties}
    )
    if pair is None:
        absences.add(f"{path}.gap_aligned", "the setting `parties` names no two parties")
    return {
        "members": {name: int((party == name).sum()) for name in draws.parties},
        "pair": list(pair) if pair else None,
        "mean_aligned": {
            name: summary(means[name], f"{path}.mean_aligned.{name}", absences)
            if name in means
            else dict(NOTHING)
            for name in draws.parties
        },
        # Of the second of the pair less the first.
        "gap_aligned": summary(means[pair[1]] - means[pair[0]], f"{path}.gap_aligned", absences)
        if pair and means
        else None,
        "neither": draws.attributes.get("notes", {}).get("neither_party", "same prior as everyone"),
    }


def _rollcalls(
    draws: VoteDraws, aligned: Alignment, raw_reason: str | None, absences: Absences
) -> list[dict[str, Any]]:
    """α, β as drawn, and on the aligned scale, where β ξ − α is the same: α − β mean(ξ) and ± β sd(ξ)."""
    alpha, beta = draws.posterior["alpha"].values, draws.discriminations()
    turned = {}
    if aligned.positions is not None:
        scale = aligned.signs * draws.positions().std(axis=2)
        turned = {"alpha": _centred_difficulties(draws), "beta": beta * scale[:, :, None]}

    def one(values: np.ndarray | None, index: int, name: str) -> dict[str, Any]:
        if values is None:
            return dict(NOTHING)
        return summary(values[:, :, index], f"{PATH}.rollcalls.{index}.{name}", absences)

    return [
        {
            "rollcall": str(name),
            "recoded": bool(draws.constant["recoded"].values[index]),
            "alpha": one(alpha, index, "alpha"),
            "beta": one(None if raw_reason else beta, index, "beta"),
            "aligned": {key: one(turned.get(key), index, f"aligned.{key}") for key in ("alpha", "beta")},
        }
        for index, name in enumerate(draws.posterior["rollcall"].values)
    ]


def _centred_difficulties(draws: VoteDraws) -> np.ndarray:
    """α where every dimension has the mean 0: α − Σ β mean(ξ)."""
    centred = draws.posterior["alpha"].values
    for dimension in range(draws.dimensions):
        means = draws.positions(dimension).mean(axis=2)
        centred = centred - draws.discriminations(dimension) * means[:, :, None]
    return centred
