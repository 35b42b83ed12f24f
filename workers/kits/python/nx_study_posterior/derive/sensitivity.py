"""How far estimates hang on the prior and on the likelihood: power-scaling of both, from the saved draws.

Kallioinen, Paananen, Bürkner and Vehtari (2023), doi:10.1007/s11222-023-10366-5, as in ArviZ's `psense`:
the prior (or the likelihood) is raised to the powers 0.99 and 1.01 by importance weights; the sensitivity is
the change of the posterior by the cumulative Jensen–Shannon distance, for each doubling of the power.

A distance is never below 0, so that chance alone makes one: 0.03 to 0.09 with 4,000 draws of 222 parameters,
half of that with 16,000. It stands beside each number: the largest of NOISE_TRIALS sensitivities to weights
that belong to other draws. A quantity that depends on neither exceeds it in one of NOISE_TRIALS + 1 cases.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
# Thinned to 4,000, a likelihood that changed the party gap of 102 senators by 0.05 came out as 0.05 to 0.14.
DRAWS_WANTED = 20_000
# Of each quantity they take about 2 s of CPU time with 16,000 draws.
NOISE_TRIALS = 19
SEED = 20_060_109  # fixed: deriving again gives the same
CONFLICT = "potential prior-data conflict"
STRONG_PRIOR = "potential strong prior / weak likelihood"
PRIOR_ONLY = "potential prior sensitivity, the likelihood is within Monte Carlo noise"
NOISE = "within Monte Carlo noise"
NONE = "none"
UNSCALED = "whether the potentials {} are of the prior or of the likelihood is not known"

# Importance weights by what is scaled, for each power.
Weights = Mapping[str, Sequence[np.ndarray]]


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
    known = {
        quantity.name: (quantity.values[:, :: densities.step], quantity.main)
        for quantity in quantities
        if isinstance(quantity.values, np.ndarray)
        and np.isfinite(quantity.values).all()
        and not still(quantity.values)
    }
    sensed = {
        name: {side: _sense(values, pair) for side, pair in weights.items()}
        for name, (values, _) in known.items()
    }
    noise = {
        name: _noise(values, weights)
        for name, (values, is_main) in known.items()
        if is_main or max(sensed[name].values()) >= THRESHOLD
    }
    found = {name: _of(of, noise.get(name), not densities.potentials) for name, of in sensed.items()}
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


def _of(scaled: dict[str, float], noise: dict[str, float] | None, whole: bool) -> dict[str, Any]:
    """Without a diagnosis where not the whole density is scaled. Small numbers need no chance."""
    chance = {} if noise is None else {"noise": noise}
    return {**scaled, **chance, "diagnosis": _diagnosis(scaled, noise or scaled) if whole else None}


def _sense(values: np.ndarray, pair: Sequence[np.ndarray]) -> float:
    low, high = POWERS
    return float(
        array_stats.power_scale_sense(values, pair[0], pair[1], lower_alpha=low, upper_alpha=high, **AXES)
    )


def _noise(values: np.ndarray, weights: Weights) -> dict[str, float]:
    """What chance makes of these draws."""
    return {
        side: max(_sense(values, other) for other in _of_other_draws(pair)) for side, pair in weights.items()
    }


def _of_other_draws(weights: Sequence[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """The weights with their autocorrelation, unrelated to the draws: chains exchanged and turned round."""
    random = np.random.default_rng(SEED)
    chains, draws = weights[0].shape
    for _ in range(NOISE_TRIALS):
        order, shifts = random.permutation(chains), np.asarray(random.integers(draws, size=chains))
        turned = (np.arange(draws)[np.newaxis] + shifts[:, np.newaxis]) % draws
        yield [one[order[:, np.newaxis], turned] for one in weights]


def _diagnosis(scaled: dict[str, float], noise: dict[str, float]) -> str:
    """In the words of ArviZ's `psense_summary`, where chance does not explain the numbers."""
    large = {name: value >= THRESHOLD for name, value in scaled.items()}
    certain = {name: large[name] and scaled[name] > noise[name] for name in large}
    if certain["prior"] and certain["likelihood"]:
        return CONFLICT
    if certain["prior"]:
        return PRIOR_ONLY if large["likelihood"] else STRONG_PRIOR
    return NOISE if large["prior"] else NONE
