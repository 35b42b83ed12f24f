"""What only the model itself can tell of the draws."""

from typing import Any

import pymc as pm

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.draws import Draws

from .priors import priors


def of_model(model: pm.Model, draws: Draws, _absences: Absences) -> dict[str, Any]:
    """Sections of the derived object that need the model: whatever evaluates or simulates it belongs here."""
    return {"priors": priors(model, draws)}
