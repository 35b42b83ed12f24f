"""How far estimates hang on the prior and on the likelihood: power-scaling of both, from the saved draws.

Kallioinen, Paananen, Bürkner and Vehtari (2023), doi:10.1007/s11222-023-10366-5, as in ArviZ's `psense`:
the prior (or the likelihood) is raised to the powers 0.99 and 1.01 by importance weights; the sensitivity is
the change of the posterior by the cumulative Jensen–Shannon distance, for each doubling of the power.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from arviz_stats.base import array_stats

from ..elements import AXES, still
from .absence import Absences
from .estimates import Quantity
from .loo import DRAWS_NEEDED

PATH = "sensitivity"
POWERS = (0.99, 1.01)
THRESHOLD = 0.05
# Weights that leave fewer draws than this share would say more about a few draws than about the posterior.
SHARE_LEFT = 0.1
CONFLICT = "potential prior-data conflict"
STRONG_PRIOR = "potential strong prior / weak likelihood"
NONE = "none"
UNSCALED = "whether the potentials {} are of the prior or of the likelihood is not known"


@dataclass(frozen=True)
class LogDensities:
    """(chain, draw), of thinned draws: of the priors that are scaled, and of all observations."""

    prior: np.ndarray
    # None without an observed variable.
    likelihood: np.ndarray | None
    # The variables whose priors are scaled.
    scaled: Sequence[str]
    # One of so many draws is used.
    step: int
    # Parts of the density that may be of the prior or of the likelihood: they are not scaled.
    potentials: Sequence[str] = ()


def sensitivity(
    quantities: Iterable[Quantity], densities: LogDensities, absences: Absences
) -> dict[str, Any] | None:
    """By quantity that has draws; None with a reason."""
    if densities.likelihood is None:
        absences.add(PATH, _no_likelihood(densities.potentials))
        return None
    scaled = {"prior": densities.prior, "likelihood": densities.likelihood}
    if reason := _why_not(scaled, densities.scaled):
        absences.add(PATH, reason)
        return None
    weights = {name: _weights(values) for name, values in scaled.items()}
    for name, pair in weights.items():
        left = min(1 / float(np.sum(one**2)) / one.size for one in pair)
        if not left >= SHARE_LEFT:
            absences.add(PATH, f"scaling the {name} leaves the weight on {left:.1%} of the draws")
            return None
    if densities.potentials:
        absences.add(f"{PATH}.diagnosis", UNSCALED.format(", ".join(densities.potentials)))
    found = {
        quantity.name: _of(quantity.values[:, :: densities.step], weights, not densities.potentials)
        for quantity in quantities
        if isinstance(quantity.values, np.ndarray)
        and np.isfinite(quantity.values).all()
        and not still(quantity.values)
    }
    return {
        "draws_used": int(densities.prior.size),
        "powers": list(POWERS),
        "threshold": THRESHOLD,
        "scaled_priors": list(densities.scaled),
        "potentials": list(densities.potentials),
        "estimates": found,
    }


def _no_likelihood(potentials: Sequence[str]) -> str:
    without = "the model has no observed variable, so its likelihood is not known"
    return f"{without}: {UNSCALED.format(', '.join(potentials))}" if potentials else without


def _why_not(densities: Mapping[str, np.ndarray], priors: Sequence[str]) -> str | None:
    size = densities["prior"].size
    if size < DRAWS_NEEDED:
        return f"needs {DRAWS_NEEDED} draws; there are {size}"
    if not priors:
        return "no prior is known"
    for name, values in densities.items():
        if lost := int((~np.isfinite(values)).sum()):
            return f"the log {name} is not finite in {lost} of {size} draws"
    return None


def _weights(log_density: np.ndarray) -> list[np.ndarray]:
    """Importance weights of each draw for each power, Pareto-smoothed; they add up to 1."""
    if still(log_density):  # such as that of flat priors
        return [np.full(log_density.shape, 1 / log_density.size) for _ in POWERS]
    found = []
    for power in POWERS:
        weights = np.exp(array_stats.power_scale_lw(log_density, alpha=power, axis=(0, 1)))
        found.append(weights / weights.sum())
    return found


def _of(values: np.ndarray, weights: dict[str, list[np.ndarray]], whole: bool) -> dict[str, Any]:
    """Without a diagnosis where what is scaled is not the whole density."""
    low, high = POWERS
    scaled = {
        name: float(
            array_stats.power_scale_sense(values, pair[0], pair[1], lower_alpha=low, upper_alpha=high, **AXES)
        )
        for name, pair in weights.items()
    }
    return {**scaled, "diagnosis": _diagnosis(scaled["prior"], scaled["likelihood"]) if whole else None}


def _diagnosis(prior: float, likelihood: float) -> str:
    """In the words of ArviZ's `psense_summary`."""
    if prior >= THRESHOLD and likelihood >= THRESHOLD:
        return CONFLICT
    return STRONG_PRIOR if prior > THRESHOLD > likelihood else NONE
