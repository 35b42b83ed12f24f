"""The derived object: what any posterior has, and this worker's own section."""

from pathlib import Path
from typing import Any

import numpy as np

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.command import nothing_kept
from nx_study_posterior.derive.convergence import convergence
from nx_study_posterior.derive.diagnostics import diagnose
from nx_study_posterior.derive.draws import read_draws
from nx_study_posterior.derive.estimates import estimates
from nx_study_posterior.derive.loo import loo

from .alignment import align
from .basis import basis
from .draws import VoteDraws
from .priors import priors
from .quantities import quantities
from .section import PATH, ideal_point_section
from .sides import side_warnings
from .votes import votes


def derive(path: Path) -> dict[str, Any]:
    """Everything that follows from the draws in `path`."""
    draws = read_draws(path, VoteDraws)
    return nothing_kept() if draws is None else _described(draws, Absences())


def _described(draws: VoteDraws, absences: Absences) -> dict[str, Any]:
    aligned = align(draws)
    section = ideal_point_section(draws, aligned, absences)
    of_interest = list(quantities(draws, aligned, section["fit"]))
    shown = {one.label: one.values for one in of_interest if one.main and isinstance(one.values, np.ndarray)}
    diagnostics = diagnose(draws, absences)
    return {
        **diagnostics,
        "basis": basis(draws),
        "estimates": estimates(of_interest, absences),
        "loo": loo(draws, votes(draws), absences),
        "convergence": convergence(draws, shown, diagnostics["variables"], absences),
        "priors": priors(draws),
        "sections": {"ideal-point": section},
        "warnings": side_warnings(draws, section["sign"], absences.reasons.get(f"{PATH}.aligned")),
        "reasons": absences.reasons,
    }
