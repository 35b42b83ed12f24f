"""The flat model: every position has the same prior."""

from typing import TYPE_CHECKING

from .structure import Counts, Size, Structure, Values, mirrored, saved_for

if TYPE_CHECKING:
    from nx_study_posterior.built import BuiltModel

    from ..config import Configuration
    from ..data import Observations


def build_flat(configuration: "Configuration", observations: "Observations") -> "BuiltModel":
    """ξ ~ position prior; with priors of ξ and β around 0 the mirror is as likely: the start decides."""
    import pymc as pm  # heavy: the registry is read without it

    from nx_study_posterior.built import BuiltModel

    from .likelihood import coordinates, observe_votes

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
        notes={"reflection_symmetric": mirrored(configuration.beta_prior, configuration.position_prior)},
    )


def size_of_flat(counts: Counts, values: Values) -> Size:
    """ξ of each position, α and β of each roll call."""
    return Size(
        counts.positions + 2 * counts.rollcalls,
        counts.positions + counts.rollcalls + saved_for(values, "beta_prior", counts.rollcalls),
    )


FLAT = Structure(
    name="flat",
    summary="one prior for all positions",
    identification="Location and scale: the position prior, the same for everyone. Side: with priors of ξ "
    "and β around 0 the mirror image is as likely, and each draw is turned to the side of the first "
    "component of the votes; a positive or shifted prior fixes the side.",
    build=build_flat,
    size=size_of_flat,
)
