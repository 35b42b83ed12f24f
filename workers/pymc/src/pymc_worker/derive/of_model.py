"""What only the model itself can tell of the draws."""

from collections.abc import Sequence
from typing import Any

import pymc as pm

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.by_model import described_by_model
from nx_study_posterior.derive.draws import Draws
from nx_study_posterior.derive.estimates import Quantity, of_kept_draws

from .priors import priors


def of_model(
    model: pm.Model, draws: Draws, of_interest: Sequence[Quantity], absences: Absences
) -> dict[str, Any]:
    """Sections of the derived object that need the model: whatever evaluates or simulates it belongs here."""
    kept = [of_kept_draws(one, draws) for one in of_interest]
    return {"priors": priors(model, draws, absences), **described_by_model(model, draws, kept, absences)}
