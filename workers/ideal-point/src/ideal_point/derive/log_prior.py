"""The logarithms of prior and likelihood in each draw: what power-scaling needs."""

from typing import Any

import numpy as np

from nx_study_posterior.derive.loo import Pointwise, thinned_variables, thinning, total_log_likelihood
from nx_study_posterior.derive.sensitivity import DRAWS_WANTED, LogDensities

from ..priors import Prior
from .draws import VoteDraws


def log_densities(draws: VoteDraws, observations: Pointwise) -> LogDensities:
    """Scaled are priors that are settings: not the spread of people around their party, which is learned."""
    thinned = thinned_variables(draws, DRAWS_WANTED)
    written: dict[str, Any] = draws.attributes.get("priors", {})
    likelihood = total_log_likelihood(observations, thinned)
    prior, scaled = np.zeros_like(likelihood), []
    for name, family in written.items():
        for variable in _free(name, thinned):
            values = draws.with_prior(variable, thinned[variable])
            densities = Prior.read(family).log_density(values.reshape(*values.shape[:2], -1))
            prior = prior + densities.sum(axis=2)
            scaled.append(variable)
    return LogDensities(prior, likelihood, scaled, thinning(draws, DRAWS_WANTED))


def _free(name: str, thinned: dict[str, np.ndarray]) -> list[str]:
    """Positions in two dimensions are two variables; `xi` has the anchors' second position twice."""
    if name == "xi" and "xi_1" in thinned:
        return ["xi_1", "xi_2"]
    return [name] if name in thinned else []
