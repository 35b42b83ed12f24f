"""Prior against posterior: quantiles of both, for every variable with a prior of its own."""

from statistics import NormalDist
from typing import Any

import numpy as np

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.prior_quantiles import PROBABILITIES, prior_and_posterior

from .draws import VoteDraws


def priors(draws: VoteDraws, absences: Absences) -> list[dict[str, Any]]:
    """Of the elements that have the written prior."""
    written: dict[str, Any] = draws.attributes.get("priors", {})
    if reason := draws.without_draws(written):
        absences.add("priors", reason)
    described = (
        prior_and_posterior(
            name,
            prior,
            [quantile(prior, probability) for probability in PROBABILITIES],
            draws.with_prior(name, draws.posterior[name].values),
        )
        for name, prior in written.items()
        if name in draws.posterior
    )
    return [one for one in described if one is not None]


def quantile(prior: dict[str, Any], probability: float) -> float:
    """Of a prior as it is written in a configuration."""
    sigma = float(prior["sigma"])
    if prior["distribution"] == "halfnormal":
        return NormalDist(0, sigma).inv_cdf((1 + probability) / 2)
    value = NormalDist(float(prior["mu"]), sigma).inv_cdf(probability)
    return float(np.exp(value)) if prior["distribution"] in ("lognormal", "exp_normal") else value
