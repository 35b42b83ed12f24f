"""The derived object: what any posterior has, and what only the model itself can tell."""

from pathlib import Path
from typing import Any

import numpy as np

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.command import nothing_kept
from nx_study_posterior.derive.convergence import convergence
from nx_study_posterior.derive.diagnostics import diagnose
from nx_study_posterior.derive.draws import Draws, read_draws, read_prior
from nx_study_posterior.derive.estimates import estimates

from .basis import basis
from .of_model import of_model
from .quantities import quantities
from .rebuild import rebuild
from .under_prior import of_prior


def derive(path: Path) -> dict[str, Any]:
    """Everything that follows from the draws in `path`; the model is built again as `request.json` says."""
    if (prior := read_prior(path, Draws)) is not None:
        return of_prior(path.parent, prior)
    draws = read_draws(path, Draws)
    return nothing_kept() if draws is None else _described(path.parent, draws, Absences())


def _described(directory: Path, draws: Draws, absences: Absences) -> dict[str, Any]:
    of_interest = quantities(draws)
    if failure := draws.attributes.get("derived_failure"):
        absences.add("estimates", str(failure))
    shown = {one.label: one.values for one in of_interest if one.main and isinstance(one.values, np.ndarray)}
    diagnostics = diagnose(draws, absences)
    return {
        **diagnostics,
        "basis": basis(draws),
        "estimates": estimates(of_interest, absences),
        "convergence": convergence(draws, shown, diagnostics["variables"], absences),
        **of_model(rebuild(directory, draws), draws, of_interest, absences),
        "sections": {},
        "warnings": [],
        "reasons": absences.reasons,
    }
