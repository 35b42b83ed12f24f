"""Convergence of any posterior: it knows chains, draws and variables, and nothing of what they mean."""

from typing import Any

import numpy as np
import xarray as xr
from arviz_stats.base import array_stats

from .absence import Absences
from .draws import Draws

AXES = {"chain_axis": 0, "draw_axis": 1}
TAIL = (0.05, 0.95)


def diagnose(draws: Draws, absences: Absences) -> dict[str, Any]:
    """Diagnostics of every variable and of the sampler."""
    statistics = draws.statistics
    variables = {
        name: {**summarise(values, f"variables.{name}", absences), "gated": True}
        for name, values in draws.posterior.data_vars.items()
    }
    # A monotone hint on the whole, and no variable of the model: shown, not gated.
    density = statistics["lp"]
    variables["log_density"] = {**summarise(density, "variables.log_density", absences), "gated": False}
    ebfmi = _ebfmi(statistics["energy"].values, absences)
    known = [value for value in ebfmi if value is not None]
    if len(known) < len(ebfmi):
        absences.add("ebfmi_min", "not known for every chain")
    return {
        "variables": variables,
        "divergences": int(statistics["diverging"].values.sum()),
        "ebfmi": ebfmi,
        "ebfmi_min": min(known) if known and len(known) == len(ebfmi) else None,
        "tree_depth": {
            "max": int(statistics["tree_depth"].values.max()),
            "limit": int(draws.attributes["sampler"]["max_treedepth"]),
            "at_limit": int(statistics["reached_max_treedepth"].values.sum()),
        },
        "gradients": int(statistics["n_steps"].values.sum()),
        "draws_kept": {"chains": draws.posterior.sizes["chain"], "draws": draws.posterior.sizes["draw"]},
    }


def summarise(values: xr.DataArray, path: str, absences: Absences) -> dict[str, Any]:
    """The worst element in each respect; one element without a value leaves the variable without."""
    array = values.values
    array = array.reshape(*array.shape[:2], -1)
    still = np.ptp(array, axis=(0, 1)) == 0  # a constant would count as perfectly mixed
    with np.errstate(invalid="ignore", divide="ignore"):
        measures = {
            "rhat_max": (array_stats.rhat(array, **AXES), np.max),
            "ess_bulk_min": (array_stats.ess(array, method="bulk", **AXES), np.min),
            "ess_tail_min": (array_stats.ess(array, method="tail", prob=TAIL, **AXES), np.min),
            "mcse_mean_max": (array_stats.mcse(array, method="mean", **AXES), np.max),
            "mcse_sd_max": (array_stats.mcse(array, method="sd", **AXES), np.max),
        }
    summary: dict[str, Any] = {"size": array.shape[2]}
    for name, (elements, worst) in measures.items():
        elements = np.where(still, np.nan, elements)
        summary[name] = absences.number(f"{path}.{name}", worst(elements), _reason(values, elements, still))
    return summary


def _reason(values: xr.DataArray, elements: np.ndarray, still: np.ndarray) -> str:
    missing = np.flatnonzero(~np.isfinite(elements))
    if values.sizes["chain"] < 2:
        return "needs two chains"
    if values.sizes["draw"] < 4:
        return "needs four draws"
    if not len(missing):
        return ""
    first = element_label(values, int(missing[0]))
    cause = "constant" if still[missing[0]] else "not finite"
    return f"{len(missing)} of {len(elements)} elements have none; the first, {first}, is {cause}"


def element_label(values: xr.DataArray, flat: int) -> str:
    """Such as `beta[s109-027]`, for a flat index of an element."""
    shape = values.shape[2:]
    if not shape:
        return str(values.name)
    index = np.unravel_index(flat, shape)
    names = [
        str(values[dimension].values[at]) if dimension in values.coords else str(at)
        for dimension, at in zip(values.dims[2:], index, strict=True)
    ]
    return f"{values.name}[{', '.join(names)}]"


def _ebfmi(energy: np.ndarray, absences: Absences) -> list[float | None]:
    """How well the momentum refreshes the energy, for every chain."""
    if energy.shape[1] < 4:
        values = np.full(energy.shape[0], np.nan)
    else:
        values = np.atleast_1d(array_stats.bfmi(energy, **AXES))
    return [absences.number(f"ebfmi.{chain}", value, "too few draws") for chain, value in enumerate(values)]
