"""The derived object: what any posterior has, and what only the model itself can tell."""

from pathlib import Path
from typing import Any

from nx_study_posterior.derive import derived
from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.derived import Deriving, Own
from nx_study_posterior.derive.draws import Draws

from .basis import basis
from .of_model import of_model
from .quantities import quantities
from .rebuild import rebuild
from .under_prior import of_prior


def derive(path: Path) -> dict[str, Any]:
    """Everything that follows from the draws in `path`; the model is built again as `request.json` says."""
    return derived.derive(path, Deriving(Draws, _of_posterior, of_prior))


def _of_posterior(directory: Path, draws: Draws, absences: Absences) -> Own:
    of_interest = quantities(draws)
    if failure := draws.attributes.get("derived_failure"):
        absences.add("estimates", str(failure))
    model = rebuild(directory, draws)
    return Own(
        basis=basis(model, draws),
        of_interest=of_interest,
        further=of_model(model, draws, of_interest, absences),
    )
