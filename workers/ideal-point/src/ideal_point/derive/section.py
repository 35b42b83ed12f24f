"""The ideal-point section: positions, signs, parties, roll calls, fit. No gate reads it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.diagnostics import summarised
from nx_study_posterior.derive.summary import NOTHING, element_summary, summary

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
        "predictive": predictive(draws, votes, absences, f"{PATH}.predictive"),
    }


def _positions(
    draws: VoteDraws, aligned: Alignment, raw_reason: str | None, absences: Absences
) -> list[dict[str, Any]]:
    legislators, names = draws.constant["legislator"].values, draws.names
    votes = np.bincount(draws.constant["member_index"].values, minlength=len(legislators))
    raw = None if raw_reason else draws.raw("xi")
    turned = aligned_of(draws, aligned, "xi")
    return [
        {
            "legislator": str(legislator),
            "name": names[at],
            "party": str(draws.constant["party"].values[at]),
            "votes": int(votes[at]),
            "raw": element(raw, at, f"{PATH}.positions.{at}.raw", absences),
            "aligned": aligned_position(turned, at, f"{PATH}.positions.{at}.aligned", absences),
        }
        for at, legislator in enumerate(legislators)
    ]


def aligned_of(
    draws: VoteDraws, aligned: Alignment, name: str, dimension: int = 0
) -> dict[str, np.ndarray] | None:
    """Measure → element, of `xi`, `alpha` or `beta`; None where there are no aligned numbers."""
    if aligned.reason:
        return None
    values = draws.aligned(name, dimension)
    over = values.dims[0]
    return {str(one): values.values[at] for at, one in enumerate(values[over].values)}


def element(
    measures: Mapping[str, np.ndarray] | None, at: int, path: str, absences: Absences
) -> dict[str, Any]:
    """Mean, standard deviation and interval of one element."""
    return dict(NOTHING) if measures is None else element_summary(measures, at, path, absences)


def aligned_position(
    measures: Mapping[str, np.ndarray] | None, at: int, path: str, absences: Absences
) -> dict[str, Any]:
    """The same with the Monte Carlo error of the mean."""
    found = element(measures, at, path, absences)
    if measures is None:
        return {**found, "mcse_mean": None}
    reason = "needs four draws that differ"
    return {**found, "mcse_mean": absences.number(f"{path}.mcse_mean", measures["mcse_mean"][at], reason)}


def _diagnostics(draws: VoteDraws, aligned: Alignment, absences: Absences) -> dict[str, Any]:
    legislators = draws.constant["legislator"].values
    if aligned.reason:
        return {"size": len(legislators), **dict.fromkeys(DIAGNOSTICS)}
    values = draws.aligned("xi").rename("aligned").assign_coords(legislator=legislators)
    return summarised(values, aligned.signs.shape, f"{PATH}.aligned", absences)


def _correlations(draws: VoteDraws, aligned: Alignment, absences: Absences) -> dict[str, Any]:
    component = draws.constant["first_component"].values
    party = draws.constant["party"].values
    turned = aligned_of(draws, aligned, "xi")
    if turned is None:
        return {"overall": None, "within_party": dict.fromkeys(draws.parties)}
    mean = turned["mean"]
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
    pair = draws.party_pair
    path = f"{PATH}.parties"
    means = (
        {}
        if aligned.reason
        else {name: draws.by_draw[f"party_mean.{name}"] * aligned.signs for name in draws.parties}
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
    """α, β as drawn, and on the aligned scale."""
    raw = {"alpha": draws.raw("alpha"), "beta": None if raw_reason else draws.raw("beta")}
    turned = {name: aligned_of(draws, aligned, name) for name in raw}

    def of(kind: Mapping[str, Any], at: int, within: str = "") -> dict[str, Any]:
        path = f"{PATH}.rollcalls.{at}{within}"
        return {name: element(kind[name], at, f"{path}.{name}", absences) for name in raw}

    return [
        {
            "rollcall": str(name),
            "recoded": bool(draws.constant["recoded"].values[at]),
            **of(raw, at),
            "aligned": of(turned, at, ".aligned"),
        }
        for at, name in enumerate(draws.constant["rollcall"].values)
    ]
