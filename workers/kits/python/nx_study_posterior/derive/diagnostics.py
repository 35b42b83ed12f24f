"""Convergence of any posterior: it knows chains, draws and variables, and nothing of what they mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from arviz_stats.base import array_stats

from ..elements import AXES, MEASURE, mixing, still
from .absence import Absences
from .draws import Draws

__all__ = ["diagnose", "element_label", "summarise", "summarised"]

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
    variables = {name: _gated(_variable(draws, name, absences)) for name in draws.variables}
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


def _gated(summary: dict[str, Any]) -> dict[str, Any]:
    return {**summary, "gated": summary["constant"] < summary["size"]}


def _variable(draws: Draws, name: str, absences: Absences) -> dict[str, Any]:
    """Of all draws, also where not all of them were kept.

    The model itself may set elements of a deterministic variable, such as the gap of a reference to itself.
    Those of a free one are sampled: where one is constant, its chains are stuck.
    """
    path, set_by_model = f"variables.{name}", name not in draws.attributes.get("free", [name])
    if name not in draws.summaries:
        return summarise(draws.posterior[name], path, absences, deterministic=set_by_model)
    sizes = draws.statistics.sizes
    all_draws = (sizes["chain"], sizes["draw"])
    return summarised(draws.summaries[name], all_draws, path, absences, deterministic=set_by_model)


def summarise(
    values: xr.DataArray, path: str, absences: Absences, *, deterministic: bool = False
) -> dict[str, Any]:
    """The worst element in each respect; one element without a value leaves the variable without.

    Constant elements of a `deterministic` variable are counted and left out.
    """
    array = values.values.reshape(*values.shape[:2], -1).astype(float, copy=False)
    few = _few(values.sizes["chain"], values.sizes["draw"])
    elements = _Elements(values.isel(chain=0, draw=0, drop=True), mixing(array), still(array), few)
    return _worst(elements, path, absences, deterministic)


def summarised(
    values: xr.DataArray,
    sizes: tuple[int, int],
    path: str,
    absences: Absences,
    *,
    deterministic: bool = False,
) -> dict[str, Any]:
    """The same of a summary of each element, (measure, …), over so many chains and draws."""
    measures = {name: values.sel({MEASURE: name}).values.ravel() for name in WORST}
    constant = values.sel({MEASURE: "sd"}).values.ravel() == 0
    elements = _Elements(values.isel({MEASURE: 0}, drop=True), measures, constant, _few(*sizes))
    return _worst(elements, path, absences, deterministic)


@dataclass(frozen=True)
class _Elements:
    """Of a variable: one value of each, measures of each, which are constant, and why none has any."""

    one: xr.DataArray
    measures: Mapping[str, np.ndarray]
    constant: np.ndarray
    few: str


def _worst(elements: _Elements, path: str, absences: Absences, deterministic: bool) -> dict[str, Any]:
    left_out = elements.constant if deterministic else np.zeros_like(elements.constant)
    summary: dict[str, Any] = {"size": left_out.size, "constant": int(left_out.sum())}
    for name, (key, worst) in WORST.items():
        judged = elements.measures[name][~left_out]
        value = worst(judged) if judged.size else np.nan
        summary[key] = absences.number(f"{path}.{key}", value, _why_none(elements, name, left_out))
    return summary


def _why_none(elements: _Elements, name: str, left_out: np.ndarray) -> str:
    if left_out.all():
        return "all its elements are constant" if left_out.size else "it has no elements"
    return elements.few or _missing(elements, name, left_out)


def _few(chains: int, draws: int) -> str:
    if chains < 2:
        return "needs two chains"
    return "needs four draws" if draws < 4 else ""


def _missing(elements: _Elements, name: str, left_out: np.ndarray) -> str:
    missing = np.flatnonzero(~np.isfinite(elements.measures[name]) & ~left_out)
    if not len(missing):
        return ""
    first = _label(elements.one, int(missing[0]))
    cause = "constant" if elements.constant[missing[0]] else "not finite"
    return f"{len(missing)} of {left_out.size} elements have none; the first, {first}, is {cause}"


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
