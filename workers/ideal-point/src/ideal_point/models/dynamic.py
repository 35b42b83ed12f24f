"""The dynamic model: positions walk at random from term to term."""

from typing import TYPE_CHECKING, Any

from ..linking import LINKS_MIN
from .structure import Counts, Size, Structure, Values, mirrored, saved_for

if TYPE_CHECKING:
    import numpy as np

    from nx_study_posterior.built import BuiltModel

    from ..config import Configuration
    from ..data import Observations


def build_dynamic(configuration: "Configuration", observations: "Observations") -> "BuiltModel":
    """ξ of a person's first term ~ position prior; ξ of a later one ~ Normal(ξ before, τ √terms between).

    As Martin and Quinn (2002), doi:10.1093/pan/10.2.134, with one τ that is estimated. Non-centred: `xi_step`
    has first positions and steps in standard deviations of their priors.
    """
    import numpy as np
    import pymc as pm  # heavy: the registry is read without it
    import pytensor.tensor as pt

    from nx_study_posterior.built import BuiltModel

    from .likelihood import coordinates, observe_votes

    previous = observations.chambers.previous
    root = np.sqrt(observations.chambers.terms_since)
    first = configuration.position_prior.parameters
    with pm.Model(coords=coordinates(observations)) as model:
        tau = configuration.drift_prior.variable("tau")
        step = pm.Normal("xi_step", 0, 1, dims="legislator")
        walked = pt.where(previous < 0, first["mu"] + first["sigma"] * step, tau * root * step)
        xi = pm.Deterministic("xi", _sums(walked, previous), dims="legislator")
        alpha = configuration.alpha_prior.variable("alpha", dims="rollcall")
        beta = configuration.beta_prior.variable("beta", dims="rollcall")
        observe_votes(observations, xi, alpha, beta)
    return BuiltModel(
        model,
        initial=_initial(observations, configuration, {variable.name for variable in model.free_RVs}),
        steady=frozenset({"xi_step", "tau", "log_tau"}),
        priors={
            # Of each person's first term.
            "xi": configuration.position_prior.as_json(),
            "tau": configuration.drift_prior.as_json(),
            "alpha": configuration.alpha_prior.as_json(),
            "beta": configuration.beta_prior.as_json(),
        },
        notes={"reflection_symmetric": mirrored(configuration.beta_prior, configuration.position_prior)},
    )


def _sums(walked: Any, previous: "np.ndarray") -> Any:
    """Of every step since the first position of the same person."""
    import numpy as np

    total, ancestor = walked, previous
    while (ancestor >= 0).any():
        total = total + (ancestor >= 0) * walked[np.maximum(ancestor, 0)]
        ancestor = np.where(ancestor >= 0, previous[ancestor], -1)
    return total


def _initial(
    observations: "Observations", configuration: "Configuration", free: set[str]
) -> dict[str, "np.ndarray"]:
    import numpy as np

    chambers, scores = observations.chambers, observations.component.scores
    first = configuration.position_prior.parameters
    walks = chambers.previous >= 0
    root = np.sqrt(np.maximum(chambers.terms_since, 1))
    steps = np.where(walks, scores - scores[chambers.previous], 0) / root
    tau = max(float(np.sqrt(np.mean(steps[walks] ** 2))), 0.1)
    initial = {
        "tau": np.asarray(tau),
        "log_tau": np.asarray(np.log(tau)),
        "xi_step": np.where(walks, steps / tau, (scores - first["mu"]) / first["sigma"]),
    }
    return {name: value for name, value in initial.items() if name in free}


def size_of_dynamic(counts: Counts, values: Values) -> Size:
    """A step for each position, α and β of each roll call, τ; positions are those of all terms."""
    slopes, scalars = (
        saved_for(values, "beta_prior", counts.rollcalls),
        saved_for(values, "drift_prior", 1),
    )
    return Size(
        counts.positions + 2 * counts.rollcalls + 1,
        2 * counts.positions + counts.rollcalls + slopes + scalars,
        scalars,
    )


DYNAMIC = Structure(
    name="dynamic",
    summary="positions walk from term to term, `votes` being the first",
    identification="Location and scale: the position prior of each person's first term. Between terms: steps "
    "have the mean 0 and one standard deviation τ per term, so that a move of all people together counts as "
    "a change of the roll calls. "
    f"At least {LINKS_MIN} people must link a term to the others. Side: as in the flat model, for all terms "
    "together.",
    build=build_dynamic,
    size=size_of_dynamic,
    reads=frozenset({"linked", "drift_prior"}),
)
