"""The joint model: several chambers or terms on one scale, by the people who sit in more than one of them."""

from typing import TYPE_CHECKING

from ..linking import LINKS_MIN
from .flat import build_flat, size_of_flat
from .structure import Counts, Size, Structure, Values, mirrored, saved_for

if TYPE_CHECKING:
    import numpy as np

    from nx_study_posterior.built import BuiltModel

    from ..config import Configuration
    from ..data import Observations

MEANS, SPREADS = "mu_chamber", "sigma_chamber"


def build_joint(configuration: "Configuration", observations: "Observations") -> "BuiltModel":
    """ξ ~ position prior for who is at home in the first chamber, Normal(μ[home], σ[home]) for all others.

    One prior for everyone would draw a chamber that lies elsewhere towards the others. Centred, as votes say
    more of a position than the chamber does. Where everyone is at home in the first chamber, it is the flat
    model.
    """
    import numpy as np
    import pymc as pm  # heavy: the registry is read without it

    from nx_study_posterior.built import BuiltModel

    from .likelihood import coordinates, observe_votes

    further, group = np.unique(np.append(0, observations.chambers.home), return_inverse=True)
    if len(further) == 1:
        return build_flat(configuration, observations)
    group = group[1:]
    names = [observations.chambers.names[index] for index in further[1:]]
    first = configuration.position_prior.parameters
    with pm.Model(coords={**coordinates(observations), "further_chamber": names}) as model:
        mu = configuration.shift_prior.variable(MEANS, dims="further_chamber")
        sigma = configuration.stretch_prior.variable(SPREADS, dims="further_chamber")
        center = pm.math.concatenate([[first["mu"]], mu])[group]
        spread = pm.math.concatenate([[first["sigma"]], sigma])[group]
        xi = pm.Normal("xi", center, spread, dims="legislator")
        alpha = configuration.alpha_prior.variable("alpha", dims="rollcall")
        beta = configuration.beta_prior.variable("beta", dims="rollcall")
        observe_votes(observations, xi, alpha, beta)
    initial = _initial(observations.component.scores, group)
    free = {variable.name for variable in model.free_RVs}
    return BuiltModel(
        model,
        initial={name: value for name, value in initial.items() if name in free},
        steady=frozenset(initial),
        priors={
            # Of who is at home in the first chamber.
            "xi": configuration.position_prior.as_json(),
            MEANS: configuration.shift_prior.as_json(),
            SPREADS: configuration.stretch_prior.as_json(),
            "alpha": configuration.alpha_prior.as_json(),
            "beta": configuration.beta_prior.as_json(),
        },
        notes={
            "reflection_symmetric": mirrored(
                configuration.beta_prior, configuration.position_prior, configuration.shift_prior
            )
        },
    )


def _initial(scores: "np.ndarray", group: "np.ndarray") -> "dict[str, np.ndarray]":
    """Positions at the first component, chambers where these are."""
    import numpy as np

    of_chambers = [scores[group == index] for index in range(1, int(group.max()) + 1)]
    spreads = np.array([max(float(one.std()), 0.1) for one in of_chambers])
    return {
        "xi": scores,
        MEANS: np.array([one.mean() for one in of_chambers]),
        SPREADS: spreads,
        f"log_{SPREADS}": np.log(spreads),
    }


def size_of_joint(counts: Counts, values: Values) -> Size:
    """As the flat model, with a mean and a spread for each further chamber where someone is at home."""
    flat, further = size_of_flat(counts, values), counts.further_homes
    return Size(
        flat.parameters + 2 * further, flat.saved + further + saved_for(values, "stretch_prior", further)
    )


JOINT = Structure(
    name="joint",
    summary="`votes` and the chambers of `linked` on one scale",
    identification="Location and scale: the position prior of the people who are at home in the first "
    "chamber. A person is at home in the first of the chambers, in the order of the configuration, in which "
    "he or she votes. Between chambers: who sits in several has one position in all of them, which fixes "
    "shift and stretch of each chamber against the others. This is an assumption, which votes test only as "
    "far as the shared people agree. Who is at home in a further chamber has its mean and spread, with weak "
    "priors of their own, so that a chamber that lies elsewhere is not drawn towards the first one. "
    f"At least {LINKS_MIN} people must link a chamber to the others: two determine shift and "
    "stretch, a third can contradict them. Side: as in the flat model, for all chambers together.",
    build=build_joint,
    size=size_of_joint,
    reads=frozenset({"linked", "shift_prior", "stretch_prior"}),
)
