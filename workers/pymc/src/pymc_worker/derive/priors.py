"""Prior against posterior: quantiles of both, for every variable whose prior depends on no other one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pymc as pm
from pymc.pytensorf import constant_fold

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.draws import Draws
from nx_study_posterior.derive.prior_quantiles import PROBABILITIES, prior_and_posterior
from nx_study_posterior.forward import limiting_transform

PATH = "priors"
DRAWS = 4_000
SEED = 1


def _as_stored(*values: float) -> tuple[float, ...]:
    return values


# Name → the arguments of PyMC's class, in its order, from the parameters as PyTensor stores them.
ARGUMENTS: dict[str, Callable[..., tuple[float, ...]]] = {
    **dict.fromkeys(("Normal", "LogNormal", "TruncatedNormal", "StudentT", "HalfStudentT"), _as_stored),
    **dict.fromkeys(("Cauchy", "HalfCauchy", "Laplace", "Logistic", "Gumbel"), _as_stored),
    **dict.fromkeys(("Uniform", "Beta", "InverseGamma", "Weibull"), _as_stored),
    "HalfNormal": lambda _location, sigma: (sigma,),
    "Exponential": lambda scale: (1 / scale,),
    "Gamma": lambda alpha, scale: (alpha, 1 / scale),
}


def priors(model: pm.Model, draws: Draws, absences: Absences) -> list[dict[str, Any]]:
    """Quantiles of the prior are those of draws with a fixed seed; none where a transform may limit it.

    None at all, with the reason, where a potential changes what is written.
    """
    if model.potentials:
        names = ", ".join(one.name for one in model.potentials)
        absences.add(PATH, f"the model has {names}: with a potential, a prior is not what is written for it")
        return []
    if reason := draws.without_draws([variable.name for variable in model.free_RVs]):
        absences.add(PATH, reason)
    whole = [variable for variable in model.free_RVs if limiting_transform(model, variable) is None]
    found = ((variable, written(variable)) for variable in whole if variable.name in draws.posterior)
    described = (_described(variable, text, draws) for variable, text in found if text is not None)
    return [one for one in described if one is not None]


def _described(variable: Any, text: str, draws: Draws) -> dict[str, Any] | None:
    prior = _drawn(variable)
    if prior is None or not np.isfinite(prior).all():
        return None
    return prior_and_posterior(
        variable.name,
        {"distribution": text},
        np.quantile(prior, PROBABILITIES).tolist(),
        draws.posterior[variable.name].values,
    )


def written(variable: Any) -> str | None:
    """Such as `Normal(0, 5)`, where all elements have this prior of their own; else None."""
    node = variable.owner
    if getattr(node.op, "ndim_supp", 1) > 0:
        return None
    given = constant_fold(node.op.dist_params(node), raise_not_constant=False)
    numbers = [np.ravel(value) for value in given if isinstance(value, np.ndarray | np.generic | float | int)]
    if not numbers or len(numbers) < len(given):
        return None
    if any(value.size == 0 or (value != value[0]).any() for value in numbers):
        return None
    name = getattr(node.op, "_print_name", (type(node.op).__name__,))[0]
    arguments = ARGUMENTS.get(name)
    if arguments is None:
        return str(name)
    return f"{name}({', '.join(f'{value:g}' for value in arguments(*(float(one[0]) for one in numbers)))})"


def _drawn(variable: Any) -> np.ndarray | None:
    """Draws of its first element; None for a distribution that can't be drawn from."""
    first = variable.ravel()[0] if variable.ndim > 0 else variable
    try:
        # For so few draws, compiling would take longer than it saves.
        return np.asarray(pm.draw(first, draws=DRAWS, random_seed=SEED, mode="FAST_COMPILE"))
    except NotImplementedError:
        return None
