"""The votes: y ~ Bernoulli(logit⁻¹(β ξ − α)) on the observed cells only."""

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from ..data import Observations


def coordinates(observations: Observations) -> dict[str, Any]:
    """Names of the model's dimensions."""
    _, _, votes = observations.cells
    return {
        "legislator": [member.id for member in observations.members],
        "rollcall": observations.rollcalls,
        "cell": np.arange(len(votes)),
    }


def observe_votes(observations: Observations, xi: Any, alpha: Any, beta: Any) -> None:
    """Add the observed variable `y` to the model in whose context this is called."""
    member, rollcall, votes = observations.cells
    _observe(beta[rollcall] * xi[member] - alpha[rollcall], votes)


def observe_votes_in_plane(observations: Observations, xi: Any, alpha: Any, beta: Any) -> None:
    """As `observe_votes`, for positions and discriminations with a second index, the dimension."""
    member, rollcall, votes = observations.cells
    eta = beta[rollcall, 0] * xi[member, 0] + beta[rollcall, 1] * xi[member, 1] - alpha[rollcall]
    _observe(eta, votes)


def _observe(eta: Any, votes: np.ndarray) -> None:
    # pm.Bernoulli gives the same draws in twice the time.
    pm.CustomDist("y", eta, logp=_log_likelihood, random=_random, observed=votes, dims="cell", dtype="int64")


def _log_likelihood(votes: Any, eta: Any) -> Any:
    return -pt.softplus((1 - 2 * votes) * eta)


def _random(eta: np.ndarray, rng: np.random.Generator, size: Any = None) -> np.ndarray:
    return (rng.logistic(size=size) < eta).astype(np.int64)
