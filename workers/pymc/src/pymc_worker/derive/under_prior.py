"""What the model makes of its prior alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pymc as pm

from nx_study_posterior.derive import under_prior
from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.checks import Checks
from nx_study_posterior.derive.derived import Own
from nx_study_posterior.derive.draws import Draws
from nx_study_posterior.derive.observed import observed_values
from nx_study_posterior.derive.replicated import from_parameters

from .basis import basis
from .priors import written
from .quantities import quantities
from .rebuild import rebuild

PREDICTIVE = f"{under_prior.PATH}.predictive"
NO_DATA = "the model has no observed variable, so it makes no data"


def of_prior(directory: Path, draws: Draws, absences: Absences) -> Own:
    """Of draws from the prior; the model is built again to draw data."""
    if failure := draws.attributes.get("derived_failure"):
        absences.add(f"{under_prior.PATH}.estimates", str(failure))
    model = rebuild(directory, draws)
    checks = _checks(model, draws)
    return Own(
        basis=basis(model, draws),
        of_interest=[*quantities(draws), *under_prior.of_data(checks)],
        further={"predictive": _predictive(checks, absences)},
        written=_written(model),
    )


def _written(model: pm.Model) -> dict[str, dict[str, Any]]:
    """The free variables whose prior depends on no other one, as `Normal(0, 5)`."""
    found = {variable.name: written(variable) for variable in model.free_RVs}
    return {name: {"distribution": text} for name, text in found.items() if text is not None}


def _checks(model: pm.Model, draws: Draws) -> dict[str, Checks]:
    """By observed variable: a data set for each draw."""
    values = observed_values(model, draws)
    checks = {name: Checks(value) for name, value in values.items()}
    free = {one.name: np.asarray(draws.posterior[one.name].values[0]) for one in model.free_RVs}
    for part in from_parameters(model, free, list(values)) if values else ():
        for name, data in part.items():
            checks[name].add(data)
    return checks


def _predictive(checks: dict[str, Checks], absences: Absences) -> list[dict[str, Any]] | None:
    if not checks:
        absences.add(PREDICTIVE, NO_DATA)
        return None
    return [
        {
            "variable": name,
            "observations": one.observations,
            **one.found(f"{PREDICTIVE}.{at}", absences),
        }
        for at, (name, one) in enumerate(checks.items())
    ]
