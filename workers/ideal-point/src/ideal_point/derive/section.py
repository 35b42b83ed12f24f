"""The ideal-point section: positions, signs, parties, roll calls, fit. No gate reads it."""

from typing import Any

import numpy as np
import xarray as xr

from .absence import Absences
from .alignment import Alignment, align, correlation
from .draws import Draws
from .fit import fit
from .posterior import summarise

PATH = "sections.ideal-point"
PARTIES = ("R", "D")


def ideal_point_section(draws: Draws, absences: Absences) -> dict[str, Any]:
    """Raw positions stand beside the aligned ones; aligned diagnostics never replace raw ones."""
    aligned = align(draws)
    array = xr.DataArray(aligned.positions, dims=draws.posterior["xi"].dims, name="aligned")
    return {
        "positions": _positions(draws, aligned),
        "aligned": summarise(array, f"{PATH}.aligned", absences),
        "sign": {
            "per_chain_correlation_with_pc1": [
                absences.number(
                    f"{PATH}.sign.per_chain_correlation_with_pc1.{chain}", value, "positions do not vary"
                )
                for chain, value in enumerate(aligned.chain_correlations)
            ],
            "negative_draw_share": aligned.negative_draw_shares.tolist(),
            "turned_chains": np.flatnonzero(aligned.turned).tolist(),
            "reflection_symmetric": draws.reflection_symmetric,
            "split": aligned.split,
        },
        "correlation_with_pc1": _correlations(draws, aligned, absences),
        "parties": _parties(draws, aligned),
        "rollcalls": _rollcalls(draws),
        "fit": fit(draws, absences, f"{PATH}.fit"),
    }


def summary(values: np.ndarray) -> dict[str, Any]:
    """Mean, standard deviation and equal-tailed 90 % interval of a sample."""
    low, high = np.quantile(values, [0.05, 0.95])
    return {"mean": float(values.mean()), "sd": float(values.std(ddof=1)), "eti90": [float(low), float(high)]}


def _positions(draws: Draws, aligned: Alignment) -> list[dict[str, Any]]:
    raw = draws.posterior["xi"]
    votes = np.bincount(draws.constant["member_index"].values, minlength=raw.sizes["legislator"])
    return [
        {
            "legislator": str(legislator),
            "name": str(draws.constant["name"].values[index]),
            "party": str(draws.constant["party"].values[index]),
            "votes": int(votes[index]),
            "raw": summary(raw.values[:, :, index].ravel()),
            "aligned": summary(aligned.positions[:, :, index].ravel()),
        }
        for index, legislator in enumerate(raw["legislator"].values)
    ]


def _correlations(draws: Draws, aligned: Alignment, absences: Absences) -> dict[str, Any]:
    component = draws.constant["first_component"].values
    party = draws.constant["party"].values
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
            for name in PARTIES
        },
    }


def _parties(draws: Draws, aligned: Alignment) -> dict[str, Any]:
    party = draws.constant["party"].values
    means = {
        name: aligned.positions[:, :, party == name].mean(axis=2) for name in PARTIES if (party == name).any()
    }
    members = {str(name): int((party == name).sum()) for name in np.unique(party)}
    return {
        "members": members,
        "mean_aligned": {name: summary(values.ravel()) for name, values in means.items()},
        "gap_aligned": summary((means["R"] - means["D"]).ravel()) if len(means) == 2 else None,
        "neither": draws.attributes.get("notes", {}).get("neither_party", "same prior as everyone"),
    }


def _rollcalls(draws: Draws) -> list[dict[str, Any]]:
    alpha, beta = draws.posterior["alpha"], draws.posterior["beta"]
    return [
        {
            "rollcall": str(name),
            "recoded": bool(draws.constant["recoded"].values[index]),
            "alpha": summary(alpha.values[:, :, index].ravel()),
            "beta": summary(beta.values[:, :, index].ravel()),
        }
        for index, name in enumerate(beta["rollcall"].values)
    ]
