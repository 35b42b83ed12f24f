"""The model of a measurement, built again for what its draws alone can't tell."""

from pathlib import Path

import pymc as pm

from nx_study_posterior.derive.draws import Draws
from nx_study_worker import Request, WorkerError

from ..config import read_configuration
from ..data import read_data
from ..groups import files_sha256
from ..imports import check_run_imports
from ..model import load_model


def rebuild(directory: Path, draws: Draws) -> pm.Model:
    """From the same files as then. Raises WorkerError where one of them has changed since."""
    request = Request.read(directory / "request.json")
    configuration = read_configuration(request.configuration)
    now = files_sha256(configuration, request.modules.get("model", []))
    then = draws.attributes["files_sha256"]
    if changed := sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name)):
        raise WorkerError(f"{', '.join(changed)}: changed since the draws were made; measure again")
    model = load_model(configuration, read_data(configuration.data)).build().model
    check_run_imports(request)
    return model
