"""Leave-one-out cross-validation by Pareto-smoothed importance sampling (ArviZ)."""

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from arviz_stats.base import array_stats
from scipy.special import logsumexp

from .absence import Absences
from .diagnostics import AXES
from .draws import Draws

PATH = "loo"
# A quarter of them moved a difference by 0.8, and made k larger by chance; four times as many moved an
# elpd by 0.1.
DRAWS_WANTED = 4_000
DRAWS_NEEDED = 100
# Each takes about 1.3 ms of CPU time.
OBSERVATIONS_MAX = 100_000
# Each takes about 11 bytes of derived.json.
POINTWISE_MAX = 60_000
DECIMALS = 6
# Log-likelihoods at a time, 16 MB: 500 observations of 4,000 draws.
CHUNK = 2_000_000
WORST_SHOWN = 20
# Densities have a unit, so that no probability is more or less than one of them.
PROBABILITIES, DENSITIES = "probabilities", "densities"
MIXED = f"{PROBABILITIES} and {DENSITIES}"


@dataclass(frozen=True)
class Pointwise:
    """The observations of a model, one by one."""

    # One observation, in words.
    left_out: str
    # What their likelihoods are: PROBABILITIES, DENSITIES or MIXED.
    density: str
    count: int
    # Of the observations in their order, as modelled.
    observed_sha256: str
    # From thinned variables, (chain, draw, …), and a slice of observations: (chain, draw, observation).
    log_likelihood: Callable[[Mapping[str, np.ndarray], slice], np.ndarray]
    # A name for the observation with an index.
    label: Callable[[int], str]
    # Observations at a time.
    chunk: int | None = None


def loo(draws: Draws, observations: Pointwise, absences: Absences, path: str = PATH) -> dict[str, Any] | None:
    """Elpd in nats, one observation left out at a time; None with a reason."""
    thinned = thinned_variables(draws)
    first = next(iter(thinned.values()))
    used, count = first.shape[0] * first.shape[1], observations.count
    if reason := _why_not(used, count):
        absences.add(path, reason)
        return None
    efficiency = relative_efficiency(thinned)
    chunks = [_left_out(chunk, efficiency) for chunk in _log_likelihoods(observations, thinned)]
    pointwise = [np.concatenate(parts) for parts in zip(*chunks, strict=True)]
    elpd_i, pareto_k, p_i = pointwise
    if lost := int((~np.isfinite(elpd_i)).sum()):
        absences.add(path, f"the log-likelihood of {lost} of {count} observations is not finite")
        return None
    elpd, se, p, _ = array_stats.loo_summary(elpd_i, p_i)
    limit = min(1 - 1 / math.log10(used), 0.7)
    # A tail that could not be fitted is no reliable one: NaN counts as above.
    bad = ~(pareto_k <= limit)
    return {
        "left_out": observations.left_out,
        "density": observations.density,
        "elpd_loo": float(elpd),
        "se": float(se),
        "p_loo": float(p),
        "observations": count,
        "draws_used": used,
        "relative_efficiency": efficiency,
        "pareto_k": {
            "limit": limit,
            "above": int(bad.sum()),
            "max": absences.number(f"{path}.pareto_k.max", pareto_k.max(), "a tail was too short to fit"),
            "worst": _worst(observations, pareto_k, bad),
            "at": np.flatnonzero(bad).tolist(),
        },
        "observed_sha256": observations.observed_sha256,
        "elpd_i": _pointwise(elpd_i, absences, path),
        "decimals": DECIMALS,
    }


def joined(
    by: Mapping[str, dict[str, Any] | None], sources: Mapping[str, Pointwise], absences: Absences
) -> dict[str, Any] | None:
    """Of several observed variables together: one observation of any of them is left out at a time."""
    lost = [name for name, one in by.items() if one is None or one["elpd_i"] is None]
    if lost:
        absences.add(PATH, f"{', '.join(lost)} has no pointwise values")
        return None
    parts = [one for one in by.values() if one is not None]
    offsets = np.cumsum([0, *(part["observations"] for part in parts)])
    elpd_i = np.concatenate([part["elpd_i"] for part in parts])
    maxima = [part["pareto_k"]["max"] for part in parts]
    worst = [
        {**one, "observation": int(one["observation"] + offset)}
        for part, offset in zip(parts, offsets, strict=False)
        for one in part["pareto_k"]["worst"]
    ]
    if None in maxima:
        absences.add(f"{PATH}.pareto_k.max", "a tail was too short to fit")
    shas = "\n".join(one.observed_sha256 for one in sources.values())
    return {
        "variables": list(by),
        "left_out": " or ".join(one.left_out for one in sources.values()),
        "density": ", ".join(f"{one.density} of {name}" for name, one in sources.items()),
        "elpd_loo": float(sum(part["elpd_loo"] for part in parts)),
        "se": float(np.sqrt(len(elpd_i) * elpd_i.var())),
        "p_loo": float(sum(part["p_loo"] for part in parts)),
        "observations": len(elpd_i),
        "draws_used": parts[0]["draws_used"],
        "relative_efficiency": parts[0]["relative_efficiency"],
        "pareto_k": {
            "limit": parts[0]["pareto_k"]["limit"],
            "above": sum(part["pareto_k"]["above"] for part in parts),
            "max": None if None in maxima else max(maxima),
            "worst": sorted(worst, key=lambda one: -(one["pareto_k"] or math.inf))[:WORST_SHOWN],
            "at": [
                int(at + offset)
                for part, offset in zip(parts, offsets, strict=False)
                for at in part["pareto_k"]["at"]
            ],
        },
        "observed_sha256": hashlib.sha256(shas.encode()).hexdigest(),
        "elpd_i": elpd_i.tolist(),
        "decimals": DECIMALS,
    }


def psis(log_likelihood: np.ndarray, efficiency: float) -> tuple[np.ndarray, np.ndarray]:
    """Log weights, which add up to 1, and Pareto k of (observation, draw), as ArviZ computes them.

    A likelihood that is the same in every draw weighs all of them equally. Where ArviZ can't fit a tail,
    weights are not smoothed and k is NaN.
    """
    count = log_likelihood.shape[1]
    weights, pareto_k = np.full(log_likelihood.shape, -math.log(count)), np.zeros(len(log_likelihood))
    varies = ~(log_likelihood == log_likelihood[:, :1]).all(axis=1)
    if not varies.any():
        return weights, pareto_k
    try:
        weights[varies], pareto_k[varies] = array_stats.psislw(log_likelihood[varies], r_eff=efficiency)
    except ValueError:
        for at in np.flatnonzero(varies):
            weights[at], pareto_k[at] = _one(log_likelihood[at], efficiency)
    return weights, pareto_k


def _one(log_likelihood: np.ndarray, efficiency: float) -> tuple[np.ndarray, float]:
    try:
        weights, pareto_k = array_stats.psislw(log_likelihood, r_eff=efficiency)
    except ValueError:
        return -log_likelihood - logsumexp(-log_likelihood), math.nan
    return weights, float(pareto_k)


def _left_out(log_likelihood: np.ndarray, efficiency: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Elpd, Pareto k and p of (chain, draw, observation)."""
    rows = np.ascontiguousarray(log_likelihood.reshape(-1, log_likelihood.shape[2]).T)
    weights, pareto_k = psis(rows, efficiency)
    elpd_i = logsumexp(weights + rows, axis=1)
    return elpd_i, pareto_k, logsumexp(rows, axis=1) - math.log(rows.shape[1]) - elpd_i


def _why_not(used: int, count: int) -> str | None:
    if used < DRAWS_NEEDED:
        return f"needs {DRAWS_NEEDED} draws; there are {used}"
    if count > OBSERVATIONS_MAX:
        return f"{count:,} observations are more than the {OBSERVATIONS_MAX:,} that it is computed for"
    return None


def _pointwise(elpd_i: np.ndarray, absences: Absences, path: str) -> list[float] | None:
    """Rounded: the sum of n of them is off by n × 5e-7 at most, and by about √n × 3e-7 as a rule."""
    if len(elpd_i) <= POINTWISE_MAX:
        return [round(float(value), DECIMALS) for value in elpd_i]
    absences.add(
        f"{path}.elpd_i", f"{len(elpd_i):,} observations are more than the {POINTWISE_MAX:,} that are kept"
    )
    return None


def thinned_variables(draws: Draws, wanted: int = DRAWS_WANTED) -> dict[str, np.ndarray]:
    """Every variable, (chain, draw, …), evenly thinned to about `wanted` draws."""
    step = thinning(draws, wanted)
    return {str(name): values.values[:, ::step] for name, values in draws.posterior.data_vars.items()}


def thinning(draws: Draws, wanted: int = DRAWS_WANTED) -> int:
    """Of so many draws of a chain one is used."""
    sizes = draws.posterior.sizes
    return max(1, round(sizes["chain"] * sizes["draw"] / wanted))


def total_log_likelihood(observations: Pointwise, thinned: Mapping[str, np.ndarray]) -> np.ndarray:
    """(chain, draw), over all observations."""
    totals = [chunk.sum(axis=2) for chunk in _log_likelihoods(observations, thinned)]
    return np.asarray(sum(totals[1:], start=totals[0]))


def relative_efficiency(thinned: dict[str, np.ndarray]) -> float:
    """As `arviz.loo` computes it: mean ESS over all variables / draws; 1 for a single chain."""
    chains, draws = next(iter(thinned.values())).shape[:2]
    if chains == 1 or draws < 4:
        return 1.0
    with np.errstate(invalid="ignore", divide="ignore"):
        sizes = [np.ravel(array_stats.ess(values, method="mean", **AXES)) for values in thinned.values()]
    mean = float(np.mean(np.concatenate(sizes)))
    return mean / (chains * draws) if math.isfinite(mean) else 1.0


def _log_likelihoods(observations: Pointwise, thinned: Mapping[str, np.ndarray]) -> Iterator[np.ndarray]:
    """(chain, draw, observation), a chunk of observations at a time: all at once would take gigabytes."""
    chains, drawn = next(iter(thinned.values())).shape[:2]
    size = observations.chunk or max(1, CHUNK // (chains * drawn))
    for start in range(0, observations.count, size):
        yield observations.log_likelihood(thinned, slice(start, start + size))


def _worst(observations: Pointwise, pareto_k: np.ndarray, bad: np.ndarray) -> list[dict[str, Any]]:
    """The observations that are not reliable, the worst first."""
    order = [int(at) for at in np.argsort(-np.nan_to_num(pareto_k, nan=np.inf), kind="stable") if bad[at]]
    return [
        {
            "observation": at,
            "item": observations.label(at),
            "pareto_k": float(pareto_k[at]) if np.isfinite(pareto_k[at]) else None,
        }
        for at in order[:WORST_SHOWN]
    ]
