"""The hierarchical model: positions scatter around the means of their parties."""

from collections.abc import Mapping

import numpy as np
import pymc as pm

from nx_study_posterior.built import BuiltModel
from nx_study_worker import Unsupported

from ..config import Configuration
from ..data import Observations
from .likelihood import coordinates, observe_votes


def build_hierarchical(configuration: Configuration, observations: Observations) -> BuiltModel:
    """ξ = μ[party] + σ[party]·z, non-centred, the μ sorted; who is in neither has the position prior."""
    assert observations.party_pair is not None  # the data step refuses a hierarchical model without
    pair = observations.party_pair
    parties = observations.parties
    group = np.select([parties == party for party in pair], [0, 1], default=2)
    prior = configuration.position_prior.parameters
    initial = _initial(observations.component.scores, group, prior, pair)
    with pm.Model(coords={**coordinates(observations), "party": list(pair)}) as model:
        mu = configuration.position_prior.variable(
            "mu_party",
            dims="party",
            transform=pm.distributions.transforms.ordered,
            initval=initial["mu_party"],
        )
        sigma = configuration.spread_prior.variable("sigma_within", dims="party")
        offset = pm.Normal("xi_offset", 0, 1, dims="legislator")
        center = pm.math.concatenate([mu, [prior["mu"]]])[group]
        spread = pm.math.concatenate([sigma, [prior["sigma"]]])[group]
        xi = pm.Deterministic("xi", center + spread * offset, dims="legislator")
        alpha = configuration.alpha_prior.variable("alpha", dims="rollcall")
        beta = configuration.beta_prior.variable("beta", dims="rollcall")
        observe_votes(observations, xi, alpha, beta)
    return BuiltModel(
        model,
        initial=_for_free_variables(initial, model),
        # All three together place ξ at the first component; jitter on one would move every position.
        steady=frozenset({"mu_party", "sigma_within", "log_sigma_within", "xi_offset"}),
        priors={
            "mu_party": configuration.position_prior.as_json(),
            "sigma_within": configuration.spread_prior.as_json(),
            "alpha": configuration.alpha_prior.as_json(),
            "beta": configuration.beta_prior.as_json(),
        },
        # Sorted party means choose the side: the mirror image is no solution.
        notes={"reflection_symmetric": False, "neither_party": "position prior, outside both parties"},
    )


def _initial(
    scores: np.ndarray, group: np.ndarray, prior: Mapping[str, float], pair: tuple[str, str]
) -> dict[str, np.ndarray]:
    means = np.array([scores[group == index].mean() for index in (0, 1)])
    spreads = np.array([max(scores[group == index].std(), 0.1) for index in (0, 1)])
    if means[0] >= means[1]:
        raise Unsupported(
            f"model: hierarchical sorts the parties, but {pair[0]} is not below {pair[1]} on the first "
            "component, as "
            "`orientation` turns it; exchange the two in `parties`, or orient by them"
        )
    center = np.append(means, prior["mu"])[group]
    spread = np.append(spreads, prior["sigma"])[group]
    return {
        "mu_party": means,
        "sigma_within": spreads,
        "log_sigma_within": np.log(spreads),
        "xi_offset": (scores - center) / spread,
    }


def _for_free_variables(initial: dict[str, np.ndarray], model: pm.Model) -> dict[str, np.ndarray]:
    free = {variable.name for variable in model.free_RVs}
    return {name: value for name, value in initial.items() if name in free}
