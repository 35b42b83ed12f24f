"""The Rasch model (1PL): one discrimination for all roll calls."""

from typing import TYPE_CHECKING

from .structure import Counts, Size, Structure, Values, mirrored, saved_for

if TYPE_CHECKING:
    from nx_study_posterior.built import BuiltModel

    from ..config import Configuration
    from ..data import Observations


def build_rasch(configuration: "Configuration", observations: "Observations") -> "BuiltModel":
    """η = β ξ − α with one β: ξ ~ position prior, so that β is the spread of positions in log-odds."""
    import numpy as np
    import pymc as pm  # heavy: the registry is read without it
    import pytensor.tensor as pt

    from nx_study_posterior.built import BuiltModel

    from .likelihood import coordinates, observe_votes

    with pm.Model(coords=coordinates(observations)) as model:
        xi = configuration.position_prior.variable("xi", dims="legislator")
        alpha = configuration.alpha_prior.variable("alpha", dims="rollcall")
        beta = configuration.beta_prior.variable("beta")
        observe_votes(observations, xi, alpha, pt.repeat(beta, len(observations.rollcalls)))
    # One β of the wrong sign would mirror a whole chain, so it starts at 1, without jitter.
    start = {"beta": np.asarray(1.0), "log_beta": np.asarray(0.0)}
    free = {variable.name for variable in model.free_RVs}
    return BuiltModel(
        model,
        initial={
            "xi": observations.component.scores,
            **{name: value for name, value in start.items() if name in free},
        },
        steady=frozenset({"xi", *start}),
        priors={
            "xi": configuration.position_prior.as_json(),
            "alpha": configuration.alpha_prior.as_json(),
            "beta": configuration.beta_prior.as_json(),
        },
        notes={"reflection_symmetric": mirrored(configuration.beta_prior, configuration.position_prior)},
    )


def size_of_rasch(counts: Counts, values: Values) -> Size:
    """ξ of each position, α of each roll call, one β."""
    elements, scalars = counts.positions + counts.rollcalls, saved_for(values, "beta_prior", 1)
    return Size(elements + 1, elements + scalars, scalars)


RASCH = Structure(
    name="rasch",
    summary="one discrimination for all roll calls",
    identification="Location and scale: the position prior, so that the one β is the spread of positions "
    "in log-odds. Side: a 1 has the same side on every roll call, as `polarity: party` recodes them. With "
    "priors of ξ and β around 0 the mirror image is as likely, and each draw is turned to the side of the "
    "first component of the votes; a positive β fixes the side.",
    build=build_rasch,
    size=size_of_rasch,
    needs={
        "polarity": (
            "party",
            "with one discrimination for all roll calls, a 1 must be the same party's side on each of them",
        )
    },
)
