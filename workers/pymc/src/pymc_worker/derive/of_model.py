"""What only the model itself can tell of the draws."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pymc as pm

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.by_model import described_by_model
from nx_study_posterior.derive.draws import Draws
from nx_study_posterior.derive.estimates import Quantity

from .priors import priors


def of_model(
    model: pm.Model, draws: Draws, of_interest: Sequence[Quantity], absences: Absences
) -> dict[str, Any]:
    """Sections of the derived object that need the model: whatever evaluates or simulates it belongs here."""
    kept = [_of_kept_draws(one, draws) for one in of_interest]
    return {"priors": priors(model, draws, absences), **described_by_model(model, draws, kept, absences)}


def _of_kept_draws(quantity: Quantity, draws: Draws) -> Quantity:
    """A quantity was computed from all draws; the model's densities are known at those that were kept."""
    keep = draws.attributes["sampler"]["keep"]
    if not isinstance(quantity.values, np.ndarray) or not isinstance(keep, dict):
        return quantity
    if quantity.values.shape[1] == draws.posterior.sizes["draw"]:
        return quantity
    return replace(quantity, values=quantity.values[:, :: keep["every"]])
