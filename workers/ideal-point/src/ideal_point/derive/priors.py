"""Prior against posterior: quantiles of both, for every variable with a prior of its own."""

from typing import Any

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.prior_quantiles import PROBABILITIES, prior_and_posterior

from ..priors import Prior
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
            [Prior.read(prior).quantile(probability) for probability in PROBABILITIES],
            draws.with_prior(name, draws.posterior[name].values),
        )
        for name, prior in written.items()
        if name in draws.posterior
    )
    return [one for one in described if one is not None]
