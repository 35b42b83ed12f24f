"""The flat model: every position has the same prior."""

import pymc as pm

from nx_study_posterior.built import BuiltModel

from ..config import Configuration
from ..data import Observations
from .likelihood import coordinates, observe_votes


def build_flat(configuration: Configuration, observations: Observations) -> BuiltModel:
    """ξ ~ position prior; with priors of ξ and β around 0 the mirror is as likely: the start decides."""
    with pm.Model(coords=coordinates(observations)) as model:
        xi = configuration.position_prior.variable("xi", dims="legislator")
        alpha = configuration.alpha_prior.variable("alpha", dims="rollcall")
        beta = configuration.beta_prior.variable("beta", dims="rollcall")
        observe_votes(observations, xi, alpha, beta)
    return BuiltModel(
        model,
        initial={"xi": observations.component.scores},
        steady=frozenset({"xi"}),
        priors={
            "xi": configuration.position_prior.as_json(),
            "alpha": configuration.alpha_prior.as_json(),
            "beta": configuration.beta_prior.as_json(),
        },
        notes={
            "reflection_symmetric": configuration.beta_prior.mirrored
            and configuration.position_prior.mirrored
        },
    )
