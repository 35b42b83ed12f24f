"""The votes: y ~ Bernoulli(logit⁻¹(β ξ − α)) on the observed cells only."""

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from ..data import Observations
from .fused import CellLogits, CellLogLikelihood, log_likelihood, logits

# Below this share of observed cells one pass over all of them is slower than the observed ones alone.
DENSE_SHARE = 0.2


def coordinates(observations: Observations) -> dict[str, Any]:
    """Names of the model's dimensions."""
    _, _, votes = observations.cells
    return {
        "legislator": [member.id for member in observations.members],
        "rollcall": observations.rollcalls,
        "cell": np.arange(len(votes)),
    }


def observe_votes(observations: Observations, xi: Any, alpha: Any, beta: Any) -> None:
    """Add the observed variable `y` to the model in whose context this is called.

    ξ is by member and β by roll call; both have a second axis where positions have several dimensions.
    """
    member, rollcall, votes = observations.cells
    members, rollcalls = observations.matrix.shape
    dense = len(votes) >= DENSE_SHARE * members * rollcalls
    of_cells = CellLogits(members=members, rollcalls=rollcalls) if dense else logits
    pm.CustomDist(
        "y",
        of_cells(*map(pt.as_tensor, (xi, alpha, beta, member, rollcall))),
        # pm.Bernoulli gives the same draws in twice the time and more.
        logp=CellLogLikelihood() if dense else log_likelihood,
        random=_random,
        observed=votes,
        dims="cell",
        dtype="int64",
    )


def _random(eta: np.ndarray, rng: np.random.Generator, size: Any = None) -> np.ndarray:
    return (rng.logistic(size=size) < eta).astype(np.int64)
