"""The two-dimensional model: η = β₁ ξ₁ + β₂ ξ₂ − α."""

from typing import TYPE_CHECKING

from .structure import Counts, Size, Structure, Values, mirrored

if TYPE_CHECKING:
    from nx_study_posterior.built import BuiltModel

    from ..config import Configuration
    from ..data import Observations


def build_two_dimensional(configuration: "Configuration", observations: "Observations") -> "BuiltModel":
    """ξ ~ position prior in both dimensions; the second of the two anchors has the ξ₂ of the first."""
    import numpy as np
    import pymc as pm  # heavy: the registry is read without it

    from nx_study_posterior.built import BuiltModel

    from .likelihood import coordinates, observe_votes

    assert observations.plane is not None  # the data step makes one for this model
    one, other = observations.plane.anchors
    ids = [member.id for member in observations.members]
    free = np.delete(np.arange(len(ids)), other)
    # Of each member in the free ones; the second anchor has that of the first.
    place = np.zeros(len(ids), dtype=int)
    place[free] = np.arange(len(free))
    place[other] = place[one]
    names = {"dimension": [1, 2], "free_legislator": [ids[at] for at in free]}
    with pm.Model(coords={**coordinates(observations), **names}) as model:
        first = configuration.position_prior.variable("xi_1", dims="legislator")
        second = configuration.position_prior.variable("xi_2", dims="free_legislator")
        xi = pm.Deterministic(
            "xi", pm.math.stack([first, second[place]], axis=1), dims=("legislator", "dimension")
        )
        alpha = configuration.alpha_prior.variable("alpha", dims="rollcall")
        beta = configuration.beta_prior.variable("beta", dims=("rollcall", "dimension"))
        observe_votes(observations, xi, alpha, beta)
    start = observations.plane.start
    return BuiltModel(
        model,
        initial={"xi_1": start[:, 0], "xi_2": start[free, 1]},
        steady=frozenset({"xi_1", "xi_2"}),
        priors={
            "xi": configuration.position_prior.as_json(),
            "alpha": configuration.alpha_prior.as_json(),
            "beta": configuration.beta_prior.as_json(),
        },
        notes={
            # In each dimension by itself.
            "reflection_symmetric": mirrored(configuration.beta_prior, configuration.position_prior),
            "anchors": [ids[one], ids[other]],
        },
    )


def size_of_two_dimensional(counts: Counts, _values: Values) -> Size:
    """ξ in two dimensions less the one that the anchors share, α, two β; ξ is also saved as one array."""
    return Size(
        2 * counts.positions - 1 + 3 * counts.rollcalls, 4 * counts.positions - 1 + 3 * counts.rollcalls
    )


TWO_DIMENSIONAL = Structure(
    name="two-dimensional",
    summary="β₁ξ₁ + β₂ξ₂ − α, turned by `anchors`",
    identification="Location and scale: the position prior, the same in both dimensions. Rotation: the two "
    "`anchors` have the same position in dimension 2, so that dimension 1 runs along the line through them. "
    "Without the setting they are the two ends of the first component. Sides: with priors of ξ and β around "
    "0 the mirror image in either dimension is as likely, and each draw is turned in each dimension to the "
    "side of the first and of the second component. Dimensions can't change places: the anchors agree in "
    "only one.",
    build=build_two_dimensional,
    size=size_of_two_dimensional,
    dimensions=2,
    reads=frozenset({"anchors"}),
    # A positive β in both dimensions would fix half of a rotation that the anchors fix.
    restricts={"beta_prior": {"properties": {"distribution": {"const": "normal"}}}},
)
