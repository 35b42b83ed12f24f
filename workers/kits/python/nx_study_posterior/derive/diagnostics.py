"""Convergence of any posterior: it knows chains, draws and variables, and nothing of what they mean."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr
from arviz_stats.base import array_stats

from ..elements import AXES, mixing
from .absence import Absences
from .draws import Draws

__all__ = ["AXES", "diagnose", "element_label", "summarise", "summarised"]

# Measure of an element → the variable's key, and which of its elements is the worst.
WORST: dict[str, tuple[str, Callable[[np.ndarray], Any]]] = {
    "rhat": ("rhat_max", np.max),
    "ess_bulk": ("ess_bulk_min", np.min),
    "ess_tail": ("ess_tail_min", np.min),
    "mcse_mean": ("mcse_mean_max", np.max),
    "mcse_sd": ("mcse_sd_max", np.max),
}


def diagnose(draws: Draws, absences: Absences) -> dict[str, Any]:
    """Diagnostics of every variable and of the sampler."""
    statistics = draws.statistics
    chains, count = statistics.sizes["chain"], statistics.sizes["draw"]
    variables = {name: {**_variable(draws, name, absences), "gated": True} for name in draws.variables}
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
        "draws_kept": {"chains": chains, "draws": count},
    }


def _variable(draws: Draws, name: str, absences: Absences) -> dict[str, Any]:
    """Of all draws, also where not all of them were kept."""
    path = f"variables.{name}"
    if name not in draws.summaries:
        return summarise(draws.posterior[name], path, absences)
    sizes = draws.statistics.sizes
    return summarised(draws.summaries[name], (sizes["chain"], sizes["draw"]), path, absences)


def summarise(values: xr.DataArray, path: str, absences: Absences) -> dict[str, Any]:
    """The worst element in each respect; one element without a value leaves the variable without."""
    array = values.values
    array = array.reshape(*array.shape[:2], -1)
    still = np.ptp(array, axis=(0, 1)) == 0
    few = _few(values.sizes["chain"], values.sizes["draw"])
    one = values.isel(chain=0, draw=0, drop=True)
    return _worst(mixing(array), path, absences, lambda elements: few or _missing(one, elements, still))


def summarised(values: xr.DataArray, sizes: tuple[int, int], path: str, absences: Absences) -> dict[str, Any]:
    """The same of a summary of each element, (measure, …), over so many chains and draws."""
    measures = {name: values.sel(measure=name).values.ravel() for name in WORST}
    still = values.sel(measure="sd").values.ravel() == 0
    few = _few(*sizes)
    one = values.isel(measure=0, drop=True)
    return _worst(measures, path, absences, lambda elements: few or _missing(one, elements, still))


def _worst(
    measures: Mapping[str, np.ndarray], path: str, absences: Absences, reason: Callable[[np.ndarray], str]
) -> dict[str, Any]:
    summary: dict[str, Any] = {"size": len(measures["rhat"])}
    for name, (key, worst) in WORST.items():
        elements = measures[name]
        summary[key] = absences.number(f"{path}.{key}", worst(elements), reason(elements))
    return summary


def _few(chains: int, draws: int) -> str:
    if chains < 2:
        return "needs two chains"
    return "needs four draws" if draws < 4 else ""


def _missing(one: xr.DataArray, elements: np.ndarray, still: np.ndarray) -> str:
    missing = np.flatnonzero(~np.isfinite(elements))
    if not len(missing):
        return ""
    first = _label(one, int(missing[0]))
    cause = "constant" if still[missing[0]] else "not finite"
    return f"{len(missing)} of {len(elements)} elements have none; the first, {first}, is {cause}"


def element_label(values: xr.DataArray, flat: int) -> str:
    """Such as `beta[s109-027]`, for a flat index of an element of (chain, draw, …)."""
    return _label(values.isel(chain=0, draw=0, drop=True), flat)


def _label(one: xr.DataArray, flat: int) -> str:
    if not one.shape:
        return str(one.name)
    index = np.unravel_index(flat, one.shape)
    names = [
        str(one[dimension].values[at]) if dimension in one.coords else str(at)
        for dimension, at in zip(one.dims, index, strict=True)
    ]
    return f"{one.name}[{', '.join(names)}]"


def _ebfmi(energy: np.ndarray, absences: Absences) -> list[float | None]:
    """How well the momentum refreshes the energy, for every chain."""
    if energy.shape[1] < 4:
        values = np.full(energy.shape[0], np.nan)
    else:
        values = np.atleast_1d(array_stats.bfmi(energy, **AXES))
    return [absences.number(f"ebfmi.{chain}", value, "too few draws") for chain, value in enumerate(values)]
