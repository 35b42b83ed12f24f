"""The joint model: several chambers or terms on one scale, by the people who sit in more than one of them."""

from typing import TYPE_CHECKING

from ..linking import LINKS_MIN
from ..priors import Prior
from .flat import build_flat, size_of_flat
from .parametrisation import CENTRED, NON_CENTRED
from .structure import Counts, Size, Structure, Values, mirrored, saved_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from nx_study_posterior.built import BuiltModel

    from ..config import Configuration
    from ..data import Observations

MEANS, SPREADS = "mu_chamber", "sigma_chamber"
# Of `_information`. Offsets ended divergences at 0.9 (12 roll calls, 6 links); at 3 (40, 12) both ways mix
# alike; with the 106th and 109th Senate (40 roll calls each) chains with offsets do not agree on μ.
INFORMATION_MIN = 2


def build_joint(configuration: "Configuration", observations: "Observations") -> "BuiltModel":
    """ξ ~ position prior for who is at home in the first chamber, Normal(μ[home], σ[home]) for all others.

    One prior for everyone would draw a chamber that lies elsewhere towards the others. Where everyone is at
    home in the first chamber, it is the flat model.

    Where links say little of where a chamber lies, sampled are z of ξ = μ[home] + σ[home] z, and α − β μ, the
    difficulty as seen from the middle of the roll call's chamber: a move of μ then carries all its people and
    roll calls along, and their log-odds stay. With ξ and α themselves chains diverge there. Where links say
    much, it is the other way round, and ξ and α are sampled.
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
    first, difficulty = configuration.position_prior.parameters, configuration.alpha_prior.parameters
    chambers = observations.chambers
    priors = configuration.position_prior, configuration.beta_prior
    offsets = _information(chambers.home.tolist(), chambers.votes, *priors) < INFORMATION_MIN
    with pm.Model(coords={**coordinates(observations), "further_chamber": names}) as model:
        mu = configuration.shift_prior.variable(MEANS, dims="further_chamber")
        sigma = configuration.stretch_prior.variable(SPREADS, dims="further_chamber")
        center = pm.math.concatenate([[first["mu"]], mu])
        spread = pm.math.concatenate([[first["sigma"]], sigma])[group]
        if offsets:
            offset = pm.Normal("xi_offset", 0, 1, dims="legislator")
            xi = pm.Deterministic("xi", center[group] + spread * offset, dims="legislator")
            beta = configuration.beta_prior.variable("beta", dims="rollcall")
            moved = beta * center[_voted_in(observations, further)]
            cut = pm.Normal("alpha_offset", difficulty["mu"] - moved, difficulty["sigma"], dims="rollcall")
            alpha = pm.Deterministic("alpha", cut + moved, dims="rollcall")
        else:
            xi = pm.Normal("xi", center[group], spread, dims="legislator")
            alpha = configuration.alpha_prior.variable("alpha", dims="rollcall")
            beta = configuration.beta_prior.variable("beta", dims="rollcall")
        observe_votes(observations, xi, alpha, beta)
    initial = _initial(observations.component.scores, group, first)
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
            ),
            "parametrisation": dict.fromkeys(names, NON_CENTRED if offsets else CENTRED),
        },
    )


def _information(
    home: "Sequence[int]", votes: "Sequence[Sequence[int]]", positions: Prior, discriminations: Prior
) -> float:
    """What links say of where a chamber lies, over what the prior of its people does; of the best linked one.

    `home` and `votes` are by position, as in `Counts`. A position is known from n votes with the variance
    4 / (n E[β²]), as in `parametrisation`, and a link needs it twice: in the chamber, and elsewhere. The mean
    of m people lies around μ with the variance σ² / m. Of shapes and priors alone, so that it is the same for
    all simulated votes, and known before anything is built.
    """
    known = discriminations.mean_square / 4 * positions.parameters["sigma"] ** 2

    def of(chamber: int) -> float:
        guests = [row for row, at_home in zip(votes, home, strict=True) if at_home != chamber]
        shares = [(row[chamber], sum(row) - row[chamber]) for row in guests]
        links = sum(1 / (1 / inside + 1 / outside) for inside, outside in shares if inside and outside)
        return known * links / list(home).count(chamber)

    return max(of(chamber) for chamber in set(home) - {0})


def _voted_in(observations: "Observations", further: "np.ndarray") -> "np.ndarray":
    """Of each roll call: its chamber's place among the means; the first where nobody is at home in it."""
    import numpy as np

    place = {int(chamber): at for at, chamber in enumerate(further)}
    return np.array([place.get(int(chamber), 0) for chamber in observations.chambers.of_rollcall])


def _initial(
    scores: "np.ndarray", group: "np.ndarray", first: "Mapping[str, float]"
) -> "dict[str, np.ndarray]":
    """Positions at the first component, chambers where these are."""
    import numpy as np

    of_chambers = [scores[group == index] for index in range(1, int(group.max()) + 1)]
    means = np.array([one.mean() for one in of_chambers])
    spreads = np.array([max(float(one.std()), 0.1) for one in of_chambers])
    center, spread = np.append(first["mu"], means)[group], np.append(first["sigma"], spreads)[group]
    return {
        "xi": scores,
        "xi_offset": (scores - center) / spread,
        MEANS: means,
        SPREADS: spreads,
        f"log_{SPREADS}": np.log(spreads),
    }


def size_of_joint(counts: Counts, values: Values) -> Size:
    """As the flat model, with a mean and a spread for each further chamber where someone is at home.

    Offsets are saved beside the positions and difficulties that they make.
    """
    flat, further = size_of_flat(counts, values), len(set(counts.home) - {0})
    if further == 0:
        return flat
    priors = Prior.read(values["position_prior"]), Prior.read(values["beta_prior"])
    offsets = _information(counts.home, counts.votes, *priors) < INFORMATION_MIN
    return Size(
        flat.parameters + 2 * further,
        flat.saved
        + further
        + saved_for(values, "stretch_prior", further)
        + (counts.positions + counts.rollcalls if offsets else 0),
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
