"""The derived object: what any posterior has, and this worker's own section."""

import json
from pathlib import Path
from typing import Any

import xarray as xr

from nx_study_worker import WorkerError

from .absence import Absences
from .draws import Draws
from .posterior import diagnose
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
    section = ideal_point_section(draws, absences)
    return {
        **diagnose(draws, absences),
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
