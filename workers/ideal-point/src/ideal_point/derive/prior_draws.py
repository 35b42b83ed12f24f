"""Draws from the prior beside those of a posterior: its model is built again, and nothing is sampled."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from nx_study_posterior.derive.absence import Absences
from nx_study_worker import Request, WorkerError

from ..scale import VARIABLES
from .basis import observed_sha256
from .draws import VoteDraws

if TYPE_CHECKING:
    import pymc as pm


def prior_draws(directory: Path, draws: VoteDraws, absences: Absences, path: str) -> VoteDraws | None:
    """The same votes and members with one chain of draws from the prior; None with a reason.

    Of positions and roll calls, and of what else has a written prior.
    """
    from nx_study_posterior.derive.replicated import from_prior  # heavy: it imports PyMC

    written = draws.attributes.get("priors", {})
    names = [name for name in draws.variables if name in VARIABLES or name in written]
    try:
        parts = list(from_prior(_model(directory, draws), names, []))
    except (WorkerError, OSError) as error:
        absences.add(path, f"the model can't be built again to draw from its prior: {error}")
        return None
    drawn = {name: np.concatenate([part[name] for part in parts]) for name in names}
    return draws.with_posterior(
        xr.Dataset({name: _as_drawn(draws.one_draw(name), values) for name, values in drawn.items()})
    )


def _as_drawn(like: xr.DataArray, values: np.ndarray) -> xr.DataArray:
    """One chain of `values`, (draw, …), with the dimensions and coordinates of one draw."""
    return xr.DataArray(values[np.newaxis], dims=("chain", "draw", *like.dims), coords=like.coords)


def _model(directory: Path, draws: VoteDraws) -> "pm.Model":
    """From the files of the measurement, which must tell the same votes as then."""
    from ..config import read_configuration
    from ..data import observe
    from ..models import build_model

    configuration = read_configuration(Request.read(directory / "request.json").configuration)
    observations = observe(configuration)
    if observations.report["observed_sha256"] != observed_sha256(draws):
        raise WorkerError("the votes have changed since the draws were made; measure again")
    if [one.party for one in observations.members] != list(draws.constant["party"].values):
        raise WorkerError("parties have changed since the draws were made; measure again")
    return build_model(configuration, observations).model
