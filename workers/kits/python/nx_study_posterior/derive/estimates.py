"""Quantities of interest: the posterior of each, and the Monte Carlo error of its mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from arviz_stats.base import array_stats

from ..elements import AXES, still
from .absence import Absences
from .draws import Draws
from .summary import summary

PATH = "estimates"
ONE_NUMBER = "computed from all draws at once: one number, which has no draws of its own"


@dataclass(frozen=True)
class Quantity:
    """One number that people ask the model for."""

    # Unique among a measurement's metrics.
    name: str
    # For a column's head.
    label: str
    description: str
    # (chain, draw); one number where it is computed from all draws at once; None with a reason.
    values: np.ndarray | float | None
    reason: str | None = None
    unit: str = ""
    # Whether it belongs in a table on screen.
    main: bool = False
    # Monte Carlo standard error of one number; that of draws is computed from them.
    mcse: float | None = None

    def about(self) -> dict[str, Any]:
        """Its names and where it is shown, without a number."""
        return {
            "label": self.label,
            "unit": self.unit,
            "description": self.description,
            "main": self.main,
        }


def of_kept_draws(quantity: Quantity, draws: Draws) -> Quantity:
    """A quantity that was computed from all draws, at those that were kept: densities are known at these."""
    values, keep = quantity.values, draws.keep
    if not isinstance(values, np.ndarray) or not isinstance(keep, Mapping):
        return quantity
    return replace(quantity, values=values[:, :: keep["every"]])


def estimates(quantities: Iterable[Quantity], absences: Absences) -> dict[str, dict[str, Any]]:
    """By name, in the order given."""
    return {quantity.name: _estimate(quantity, absences) for quantity in quantities}


def _estimate(quantity: Quantity, absences: Absences) -> dict[str, Any]:
    about = quantity.about()
    nothing = dict.fromkeys(("mean", "sd", "eti90", "mcse_mean", "ess_bulk", "ess_tail", "rhat"))
    path, values = f"{PATH}.{quantity.name}", quantity.values
    if values is None:
        absences.add(path, quantity.reason or "not known")
        return {**about, **nothing}
    if not isinstance(values, np.ndarray):
        absences.add(path, ONE_NUMBER)
        mean = absences.number(f"{path}.mean", values, quantity.reason or "not a finite number")
        return {**about, **nothing, "mean": mean, "mcse_mean": quantity.mcse}
    described = summary(values, path, absences)
    if described["mean"] is None:
        return {**about, **nothing}
    return {**about, **described, **_monte_carlo(values, path, absences)}


def _monte_carlo(values: np.ndarray, path: str, absences: Absences) -> dict[str, float | None]:
    chains, draws = values.shape
    if still(values) or draws < 4:
        reason = "needs four draws" if draws < 4 else "it is the same number in every draw"
        for name in ("mcse_mean", "ess_bulk", "ess_tail", "rhat"):
            absences.add(f"{path}.{name}", reason)
        return dict.fromkeys(("mcse_mean", "ess_bulk", "ess_tail", "rhat"))
    found = {
        "mcse_mean": array_stats.mcse(values, method="mean", **AXES),
        "ess_bulk": array_stats.ess(values, method="bulk", **AXES),
        "ess_tail": array_stats.ess(values, method="tail", prob=(0.05, 0.95), **AXES),
        "rhat": array_stats.rhat(values, **AXES) if chains > 1 else np.nan,
    }
    reason = "needs two chains" if chains < 2 else "not a finite number"
    return {name: absences.number(f"{path}.{name}", value, reason) for name, value in found.items()}
