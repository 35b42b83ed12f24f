"""Prior against posterior: quantiles of both, for every variable with a prior of its own."""

from statistics import NormalDist
from typing import Any

import numpy as np

from .draws import VoteDraws

PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)


def priors(draws: VoteDraws) -> list[dict[str, Any]]:
    """The elements of a variable share one prior, so its posterior is that of all its elements together."""
    written: dict[str, Any] = draws.attributes.get("priors", {})
    return [
        {
            "variable": name,
            "size": int(np.prod(draws.posterior[name].shape[2:], dtype=int)),
            "prior": prior,
            "probabilities": list(PROBABILITIES),
            "prior_quantiles": [quantile(prior, probability) for probability in PROBABILITIES],
            "posterior_quantiles": np.quantile(draws.posterior[name].values, PROBABILITIES).tolist(),
        }
        for name, prior in written.items()
        if name in draws.posterior and np.isfinite(draws.posterior[name].values).all()
    ]


def quantile(prior: dict[str, Any], probability: float) -> float:
    """Of a prior as it is written in a configuration."""
    sigma = float(prior["sigma"])
    if prior["distribution"] == "halfnormal":
        return NormalDist(0, sigma).inv_cdf((1 + probability) / 2)
    value = NormalDist(float(prior["mu"]), sigma).inv_cdf(probability)
    return float(np.exp(value)) if prior["distribution"] in ("lognormal", "exp_normal") else value
