"""LOO-PIT: the place of each observation in its leave-one-out predictive distribution.

Where the model fits, these places are uniform: Vehtari, Gelman and Gabry (2017),
doi:10.1007/s11222-016-9696-4. The difference of their ECDF to the uniform one stands beside a simultaneous
band: Säilynoja, Bürkner and Vehtari (2022), doi:10.1007/s11222-022-10090-6. Both are ArviZ's.
"""

from typing import Any

import numpy as np
from arviz_stats.base import array_stats
from arviz_stats.ecdf_utils import compute_ecdf, get_pointwise_confidence_band, simulate_confidence_bands

from .loo import psis

# Evenly spread over the observations: each takes about 1.5 ms of CPU time.
OBSERVATIONS_MAX = 1_000
OBSERVATIONS_NEEDED = 3
POINTS_MAX = 100
PROBABILITY = 0.95
SIMULATIONS = 1_000
SEED = 214  # ArviZ's own
BINS = 20


def observations_used(count: int) -> np.ndarray:
    """Indices of those that are looked at."""
    return np.unique(np.linspace(0, count - 1, min(count, OBSERVATIONS_MAX)).astype(int))


def why_no_pit(values: np.ndarray, densities: tuple[int, ...]) -> str | None:
    """Why an observed variable has none."""
    if values.shape != densities:
        return "an observation is a vector, which has no place in a sample"
    if not np.isfinite(values.astype(float)).all():
        return "an observation is not finite"
    if values.size < OBSERVATIONS_NEEDED:
        return f"needs {OBSERVATIONS_NEEDED} observations"
    if len(np.unique(values)) <= 2:
        return "of two values every place is nearly uniform, whatever the model"
    return None


def loo_pit(
    observed: np.ndarray, replicated: np.ndarray, log_likelihood: np.ndarray, efficiency: float
) -> dict[str, Any]:
    """Of observations (n), from data and log-likelihoods (draw, n) of the same draws."""
    log_weights, _ = psis(log_likelihood.T, efficiency)
    places = array_stats.loo_pit(
        replicated.T[:, None, :],
        observed,
        log_weights[:, None, :],
        chain_axis=1,
        draw_axis=2,
        random_state=SEED,
    )
    places = np.clip(places, 0, 1)
    points = _points(len(places))
    low, high = _band(len(places), points)
    difference = compute_ecdf(places, points) - points
    outside = (difference < low - points) | (difference > high - points)
    return {
        "observations": len(places),
        "draws_used": len(replicated),
        "histogram": np.histogram(places, BINS, (0, 1))[0].tolist(),
        "points": points.tolist(),
        "difference": difference.tolist(),
        "low": (low - points).tolist(),
        "high": (high - points).tolist(),
        "probability": PROBABILITY,
        "outside": int(outside.sum()),
    }


def _points(count: int) -> np.ndarray:
    parts = min(count, POINTS_MAX)
    return np.arange(1, parts) / parts


def _band(count: int, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the ECDF of `count` independent uniform values, at all points together."""
    random = np.random.default_rng(SEED)
    pointwise = simulate_confidence_bands(count, 1, points, PROBABILITY, SIMULATIONS, random)
    low, high = get_pointwise_confidence_band(pointwise, count, points)
    return low, high
