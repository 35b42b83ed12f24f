"""The hierarchical model: positions scatter around the means of their parties."""

from typing import TYPE_CHECKING, Any

from nx_study_worker import Unsupported

from .parametrisation import CENTRED, by_party
from .structure import Counts, Size, Structure, Values, saved_for

if TYPE_CHECKING:
    import numpy as np

    from nx_study_posterior.built import BuiltModel

    from ..config import Configuration
    from ..data import Observations


def build_hierarchical(configuration: "Configuration", observations: "Observations") -> "BuiltModel":
    """ξ = μ[party] + σ[party]·z, the μ sorted; who is in neither has the position prior."""
    import numpy as np
    import pymc as pm  # heavy: the registry is read without it

    from nx_study_posterior.built import BuiltModel

    from .likelihood import coordinates, observe_votes

    assert observations.party_pair is not None  # the data step refuses a hierarchical model without
    pair = observations.party_pair
    parties = observations.parties
    group = np.select([parties == party for party in pair], [0, 1], default=2)
    prior = configuration.position_prior.parameters
    means, spreads = _of_parties(observations.component.scores, group, pair)
    written = _written(configuration, observations, group, spreads)
    # Who is in neither party stays non-centred: the prior has no parameters of its own to learn.
    centred = np.array(
        [written[party] == CENTRED for party in pair] + [written[pair[0]] == CENTRED == written[pair[1]]]
    )[group]
    with pm.Model(coords={**coordinates(observations), "party": list(pair)}) as model:
        mu = configuration.position_prior.variable(
            "mu_party", dims="party", transform=pm.distributions.transforms.ordered, initval=means
        )
        sigma = configuration.spread_prior.variable("sigma_within", dims="party")
        center = pm.math.concatenate([mu, [prior["mu"]]])[group]
        spread = pm.math.concatenate([sigma, [prior["sigma"]]])[group]
        xi = _positions(center, spread, centred)
        alpha = configuration.alpha_prior.variable("alpha", dims="rollcall")
        beta = configuration.beta_prior.variable("beta", dims="rollcall")
        observe_votes(observations, xi, alpha, beta)
    scores = observations.component.scores
    offset = (scores - np.append(means, prior["mu"])[group]) / np.append(spreads, prior["sigma"])[group]
    initial = {
        "mu_party": means,
        "sigma_within": spreads,
        "log_sigma_within": np.log(spreads),
        "xi": scores,
        "xi_offset": offset,
        "xi_mixed": np.where(centred, scores, offset),
    }
    free = {variable.name for variable in model.free_RVs}
    return BuiltModel(
        model,
        initial={name: value for name, value in initial.items() if name in free},
        # All of them together place ξ at the first component; jitter on one would move every position.
        steady=frozenset(initial),
        priors={
            "mu_party": configuration.position_prior.as_json(),
            # Of who is in neither party.
            **({"xi": configuration.position_prior.as_json()} if (group == 2).any() else {}),
            "sigma_within": configuration.spread_prior.as_json(),
            "alpha": configuration.alpha_prior.as_json(),
            "beta": configuration.beta_prior.as_json(),
        },
        # Sorted party means choose the side: the mirror image is no solution.
        notes={
            "reflection_symmetric": False,
            "neither_party": "position prior, outside both parties",
            "parametrisation": written,
        },
    )


def _positions(center: Any, spread: Any, centred: "np.ndarray") -> Any:
    """ξ with the prior Normal(center, spread), from variables that are centred where `centred` says."""
    import pymc as pm

    if centred.all():
        return pm.Normal("xi", center, spread, dims="legislator")
    if not centred.any():
        offset = pm.Normal("xi_offset", 0, 1, dims="legislator")
        return pm.Deterministic("xi", center + spread * offset, dims="legislator")
    mixed = pm.Normal(
        "xi_mixed", pm.math.where(centred, center, 0), pm.math.where(centred, spread, 1), dims="legislator"
    )
    return pm.Deterministic("xi", pm.math.where(centred, mixed, center + spread * mixed), dims="legislator")


def _of_parties(
    scores: "np.ndarray", group: "np.ndarray", pair: tuple[str, str]
) -> tuple["np.ndarray", "np.ndarray"]:
    """Means and spreads of the two parties on the first component."""
    import numpy as np

    means = np.array([scores[group == index].mean() for index in (0, 1)])
    if means[0] >= means[1]:
        raise Unsupported(
            f"model: hierarchical sorts the parties, but {pair[0]} is not below {pair[1]} on the first "
            "component, as `orientation` turns it; exchange the two in `parties`, or orient by them"
        )
    return means, np.array([max(scores[group == index].std(), 0.1) for index in (0, 1)])


def _written(
    configuration: "Configuration", observations: "Observations", group: "np.ndarray", spreads: "np.ndarray"
) -> dict[str, str]:
    """How the positions of each party are written."""
    import numpy as np

    assert observations.party_pair is not None
    votes = np.isfinite(observations.matrix).sum(axis=1)
    return by_party(
        configuration.parametrisation,
        {party: float(spreads[index]) for index, party in enumerate(observations.party_pair)},
        {
            party: float(np.median(votes[group == index]))
            for index, party in enumerate(observations.party_pair)
        },
        configuration.beta_prior,
    )


def size_of_hierarchical(counts: Counts, values: Values) -> Size:
    """As the flat model, with a mean and a spread of each party. `mixed` is counted as if it mixed."""
    written_twice = 0 if values["parametrisation"] == CENTRED else counts.positions
    return Size(
        counts.positions + 2 * counts.rollcalls + 4,
        counts.positions
        + written_twice
        + counts.rollcalls
        + saved_for(values, "beta_prior", counts.rollcalls)
        + 2
        + saved_for(values, "spread_prior", 2),
    )


HIERARCHICAL = Structure(
    name="hierarchical",
    summary="sorted means of the two `parties`",
    identification="Location and scale: the position prior of the party means, and of members of neither "
    "party. Side: the means are sorted, the first of `parties` below the second, so that the mirror image is "
    "no solution and no draw is turned.",
    build=build_hierarchical,
    size=size_of_hierarchical,
    reads=frozenset({"spread_prior", "parametrisation"}),
)
