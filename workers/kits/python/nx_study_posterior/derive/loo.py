"""Leave-one-out cross-validation by Pareto-smoothed importance sampling (ArviZ)."""

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
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
# Of all observed variables together: each takes 48 bytes of what `derive` writes, and 68 of derived.json.
POINTWISE_MAX = 60_000
# The numbers of each observation by name, with their decimals.
DECIMALS = {"elpd_i": 6, "p_loo_i": 6, "pareto_k_i": 3, "ess_i": 1}
# Log-likelihoods at a time, 16 MB: 500 observations of 4,000 draws.
CHUNK = 2_000_000
WORST_SHOWN = 20
# Densities have a unit, so that no probability is more or less than one of them.
PROBABILITIES, DENSITIES = "probabilities", "densities"
MIXED = f"{PROBABILITIES} and {DENSITIES}"
TOO_SHORT = "a tail was too short to fit"


@dataclass(frozen=True)
class Observations:
    """What is left out, one at a time."""

    # One observation, in words.
    left_out: str
    # What their likelihoods are: PROBABILITIES, DENSITIES or MIXED.
    density: str
    count: int
    # Of the observations in their order, as modelled.
    observed_sha256: str
    # A name for the observation with an index.
    label: Callable[[int], str]


@dataclass(frozen=True)
class Pointwise(Observations):
    """The observations of a model, one by one."""

    # From thinned variables, (chain, draw, …), and a slice of observations: (chain, draw, observation).
    log_likelihood: Callable[[Mapping[str, np.ndarray], slice], np.ndarray]
    # Observations at a time.
    chunk: int | None = None


@dataclass(frozen=True)
class LeftOut:
    """What leaving out each of the observations gives."""

    observations: Observations
    draws_used: int
    relative_efficiency: float
    # By the names of DECIMALS.
    each: Mapping[str, np.ndarray]


def loo(draws: Draws, observations: Pointwise, absences: Absences) -> dict[str, Any] | None:
    """Elpd in nats, one observation left out at a time, with the numbers of each; None with a reason."""
    found = left_out(draws, observations, absences, PATH)
    return None if found is None else described(found, observations.count, absences, PATH)


def left_out(draws: Draws, observations: Pointwise, absences: Absences, path: str) -> LeftOut | None:
    """One observation left out at a time; None with a reason."""
    thinned = thinned_variables(draws)
    first = next(iter(thinned.values()))
    used, count = first.shape[0] * first.shape[1], observations.count
    if reason := _why_not(used, count):
        absences.add(path, reason)
        return None
    efficiency = relative_efficiency(thinned)
    chunks = [_left_out(chunk, efficiency) for chunk in _log_likelihoods(observations, thinned)]
    each = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in DECIMALS}
    if lost := int((~np.isfinite(each["elpd_i"])).sum()):
        absences.add(path, f"the log-likelihood of {lost} of {count} observations is not finite")
        return None
    return LeftOut(observations, used, efficiency, each)


def joined(parts: Mapping[str, LeftOut]) -> LeftOut:
    """Of several observed variables together: one observation of any of them is left out at a time."""
    sources = [part.observations for part in parts.values()]
    starts = np.cumsum([0, *(source.count for source in sources)])
    shas = "\n".join(source.observed_sha256 for source in sources)

    def label(at: int) -> str:
        part = int(np.searchsorted(starts, at, side="right")) - 1
        return sources[part].label(at - int(starts[part]))

    together = Observations(
        left_out=" or ".join(source.left_out for source in sources),
        density=", ".join(f"{part.observations.density} of {name}" for name, part in parts.items()),
        count=int(starts[-1]),
        observed_sha256=hashlib.sha256(shas.encode()).hexdigest(),
        label=label,
    )
    each = {name: np.concatenate([part.each[name] for part in parts.values()]) for name in DECIMALS}
    return replace(next(iter(parts.values())), observations=together, each=each)


def summary(found: LeftOut, absences: Absences, path: str) -> dict[str, Any]:
    """Sums over the observations, and which of them are not reliable."""
    each, used = found.each, found.draws_used
    elpd, se, p, _ = array_stats.loo_summary(each["elpd_i"], each["p_loo_i"])
    limit = min(1 - 1 / math.log10(used), 0.7)
    # A tail that could not be fitted is no reliable one: NaN counts as above.
    bad = ~(each["pareto_k_i"] <= limit)
    return {
        "left_out": found.observations.left_out,
        "density": found.observations.density,
        "elpd_loo": float(elpd),
        "se": float(se),
        "p_loo": float(p),
        "observations": found.observations.count,
        "draws_used": used,
        "relative_efficiency": found.relative_efficiency,
        "pareto_k": {
            "limit": limit,
            "above": int(bad.sum()),
            "max": absences.number(f"{path}.pareto_k.max", each["pareto_k_i"].max(), TOO_SHORT),
            "worst": _worst(found, bad),
            "at": np.flatnonzero(bad).tolist(),
        },
        "ess_min": float(each["ess_i"].min()),
        "observed_sha256": found.observations.observed_sha256,
    }


def described(found: LeftOut, of_all: int, absences: Absences, path: str) -> dict[str, Any]:
    """With the numbers of each observation; null with a reason where those of all variables are too many."""
    return {**summary(found, absences, path), **_pointwise(found, of_all, absences, path)}


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


def _left_out(log_likelihood: np.ndarray, efficiency: float) -> dict[str, np.ndarray]:
    """By the names of DECIMALS, from (chain, draw, observation)."""
    rows = np.ascontiguousarray(log_likelihood.reshape(-1, log_likelihood.shape[2]).T)
    weights, pareto_k = psis(rows, efficiency)
    elpd_i = logsumexp(weights + rows, axis=1)
    return {
        "elpd_i": elpd_i,
        "p_loo_i": logsumexp(rows, axis=1) - math.log(rows.shape[1]) - elpd_i,
        "pareto_k_i": pareto_k,
        "ess_i": efficiency / np.exp(2 * weights).sum(axis=1),
    }


def _why_not(used: int, count: int) -> str | None:
    if used < DRAWS_NEEDED:
        return f"needs {DRAWS_NEEDED} draws; there are {used}"
    if count > OBSERVATIONS_MAX:
        return f"{count:,} observations are more than the {OBSERVATIONS_MAX:,} that it is computed for"
    return None


def _pointwise(found: LeftOut, of_all: int, absences: Absences, path: str) -> dict[str, Any]:
    """Rounded: the sum of n elpd is off by n × 5e-7 at most, and by about √n × 3e-7 as a rule."""
    if of_all > POINTWISE_MAX:
        for name in DECIMALS:
            absences.add(
                f"{path}.{name}", f"{of_all:,} observations are more than the {POINTWISE_MAX:,} that are kept"
            )
        return dict.fromkeys(DECIMALS)
    if not np.isfinite(found.each["pareto_k_i"]).all():
        absences.add(f"{path}.pareto_k_i", TOO_SHORT)
    rounded = {name: _rounded(found.each[name], decimals) for name, decimals in DECIMALS.items()}
    return {**rounded, "decimals": DECIMALS}


def thinned_variables(draws: Draws, wanted: int | None = None) -> dict[str, np.ndarray]:
    """Every variable, (chain, draw, …), evenly thinned to about `wanted` draws, else DRAWS_WANTED."""
    step = thinning(draws, wanted)
    return {str(name): values.values[:, ::step] for name, values in draws.posterior.data_vars.items()}


def thinning(draws: Draws, wanted: int | None = None) -> int:
    """Of so many draws of a chain one is used."""
    sizes = draws.posterior.sizes
    return max(1, round(sizes["chain"] * sizes["draw"] / (wanted or DRAWS_WANTED)))


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


def _worst(found: LeftOut, bad: np.ndarray) -> list[dict[str, Any]]:
    """The observations that are not reliable, the worst first."""
    pareto_k = found.each["pareto_k_i"]
    order = [int(at) for at in np.argsort(-np.nan_to_num(pareto_k, nan=np.inf), kind="stable") if bad[at]]
    return [
        {
            "observation": at,
            "item": found.observations.label(at),
            "pareto_k": _finite(pareto_k[at]),
            "elpd": float(found.each["elpd_i"][at]),
            "p_loo": float(found.each["p_loo_i"][at]),
            "ess": float(found.each["ess_i"][at]),
        }
        for at in order[:WORST_SHOWN]
    ]


def _rounded(values: np.ndarray, decimals: int) -> list[float | None]:
    return [_finite(value) for value in values.round(decimals)]


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
