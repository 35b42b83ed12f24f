"""The derived object: what any posterior has, and this worker's own section."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from nx_study_worker import WorkerError

from .absence import Absences
from .alignment import align
from .basis import basis
from .convergence import convergence
from .draws import Draws
from .estimates import estimates
from .loo import loo
from .posterior import diagnose
from .priors import priors
from .quantities import quantities
from .section import PATH, ideal_point_section
from .sides import side_warnings


def derive(path: Path) -> dict[str, Any]:
    """Everything that follows from the draws in `path`."""
    if not path.is_file():
        raise WorkerError(f"{path}: there are no draws to derive from")
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        absences = Absences()
        if "posterior" not in tree.children:
            absences.add("variables", "stopped while tuning: no draw was kept")
            return {
                "variables": {},
                "divergences": None,
                "ebfmi": [],
                "ebfmi_min": None,
                "tree_depth": None,
                "gradients": None,
                "draws_kept": {"chains": 0, "draws": 0},
                "estimates": {},
                "sections": {},
                "warnings": [],
                "reasons": absences.reasons,
            }
        attributes = {str(name): _decoded(value) for name, value in tree.attrs.items()}
        draws = Draws(
            posterior=tree["posterior"].to_dataset().load(),
            statistics=tree["sample_stats"].to_dataset().load(),
            observed=tree["observed_data"].to_dataset().load(),
            constant=tree["constant_data"].to_dataset().load(),
            attributes=attributes,
        )
    return _described(draws, absences)


def _described(draws: Draws, absences: Absences) -> dict[str, Any]:
    aligned = align(draws)
    section = ideal_point_section(draws, aligned, absences)
    of_interest = list(quantities(draws, aligned, section["fit"]))
    shown = {one.label: one.values for one in of_interest if one.main and isinstance(one.values, np.ndarray)}
    diagnostics = diagnose(draws, absences)
    return {
        **diagnostics,
        "basis": basis(draws),
        "estimates": estimates(of_interest, absences),
        "loo": loo(draws, absences),
        "convergence": convergence(draws, shown, diagnostics["variables"], absences),
        "priors": priors(draws),
        "sections": {"ideal-point": section},
        "warnings": side_warnings(draws, section["sign"], absences.reasons.get(f"{PATH}.aligned")),
        "reasons": absences.reasons,
    }


def _decoded(value: Any) -> Any:
    """Structures were written as JSON, words as they are."""
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value
