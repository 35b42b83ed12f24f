"""Prior against posterior of a variable, in quantiles: an entry of `priors` in derived.json."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)


def prior_and_posterior(
    variable: str, prior: Mapping[str, Any], of_prior: Sequence[float], posterior: np.ndarray
) -> dict[str, Any] | None:
    """The elements of a variable share one prior, so its posterior is that of all its elements together.

    `prior`: as it is written; `of_prior`: its quantiles at PROBABILITIES; `posterior`: (chain, draw, …). None
    where a number is not finite.
    """
    if not (np.isfinite(of_prior).all() and np.isfinite(posterior).all()):
        return None
    return {
        "variable": variable,
        "size": int(np.prod(posterior.shape[2:], dtype=int)),
        "prior": prior,
        "probabilities": list(PROBABILITIES),
        "prior_quantiles": list(of_prior),
        "posterior_quantiles": np.quantile(posterior, PROBABILITIES).tolist(),
    }
