"""Simulation-based calibration of a model of votes: which quantities have a rank, and where chains start."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pymc as pm

from nx_study_posterior.built import BuiltModel
from nx_study_posterior.forward import Values
from nx_study_posterior.simulate import Simulation
from nx_study_worker import Unsupported

from .config import Configuration
from .data import Observations, component_of
from .models import build_model
from .named import Orientation
from .plane import plane_of
from .problems import DataProblem

# Log-odds of so many observed cells are ranked, and distances of so many pairs of positions.
CELLS = PAIRS = 6


def simulation(
    configuration: Configuration, observations: Observations, built: BuiltModel, settings: Any
) -> Simulation:
    """The simulated fits of a measurement: who voted on what is as in the files, the votes are not."""
    symmetric = bool(built.notes.get("reflection_symmetric", False))

    def restart(data: Values) -> Values:
        return _start(configuration, _observed(observations, data["y"]), symmetric=symmetric)

    def quantities(model: pm.Model) -> list[str]:
        return _quantities(model, observations, symmetric=symmetric)

    return Simulation(settings, configuration.simulations, restart, quantities)


def shape_of_data(report: Mapping[str, Any]) -> dict[str, Any]:
    """What the report of the data step says of sizes; the votes themselves are not used."""
    return {"simulated": "prior", **{key: report[key] for key in ("rows", "rollcalls", "cells", "parties")}}


def _quantities(model: pm.Model, observations: Observations, *, symmetric: bool) -> list[str]:
    """Where mirror images are as likely, only what is equal in all: the start would decide ranks of ξ.

    Two dimensions have four images, one for each pair of signs.
    """
    xi, beta = model["xi"], model["beta"]
    signed = [*_positions(model), "beta", *_named(model, "mu_chamber")]
    if symmetric:
        for name in signed:
            pm.Deterministic(f"abs_{name}", abs(model[name]), dims=model.named_vars_to_dims.get(name))
        signed = [f"abs_{name}" for name in signed]
    _add_log_odds(model, observations)
    dims = ("dimension",) if xi.ndim == 2 else None
    pm.Deterministic("position_sd", xi.std(axis=0), dims=dims)
    pm.Deterministic("discrimination_mean", abs(beta).mean(axis=0) if beta.ndim else abs(beta), dims=dims)
    same = ["alpha", "log_odds", "position_sd", "discrimination_mean"]
    distances = _add_distances(model, observations)
    return [*_named(model, "mu_party", "sigma_within", "sigma_chamber", "tau"), *signed, *same, *distances]


def _positions(model: pm.Model) -> list[str]:
    """By dimension where there are two, as each has its own image."""
    return _named(model, "xi_1", "xi_2") or ["xi"]


def _named(model: pm.Model, *names: str) -> list[str]:
    return [name for name in names if name in model.named_vars]


def _add_log_odds(model: pm.Model, observations: Observations) -> None:
    member, rollcall, votes = observations.cells
    chosen = _evenly(len(votes), CELLS)
    cells = [
        f"{observations.members[row].id} on {observations.rollcalls[column]}"
        for row, column in zip(member[chosen], rollcall[chosen], strict=True)
    ]
    model.add_coords({"ranked_cell": cells})
    votes_variable = model["y"].owner
    (eta,) = votes_variable.op.dist_params(votes_variable)
    pm.Deterministic("log_odds", eta[chosen], dims="ranked_cell")


def _add_distances(model: pm.Model, observations: Observations) -> list[str]:
    """Of two dimensions: between members, which no rotation changes. Of terms: how far a person moves."""
    xi, ids = model["xi"], [member.id for member in observations.members]
    previous = observations.chambers.previous
    if xi.ndim == 2:
        name, later = "distance", _evenly(len(ids) - 1, PAIRS) + 1
        earlier = later - 1
        apart = ((xi[later] - xi[earlier]) ** 2).sum(axis=1) ** 0.5
    elif (previous >= 0).any():
        walked = np.flatnonzero(previous >= 0)
        name, later = "step", walked[_evenly(len(walked), PAIRS)]
        earlier = previous[later]
        apart = abs(xi[later] - xi[earlier])
    else:
        return []
    pairs = [f"{ids[one]} to {ids[other]}" for one, other in zip(earlier, later, strict=True)]
    model.add_coords({"ranked_pair": pairs})
    pm.Deterministic(name, apart, dims="ranked_pair")
    return [name]


def _evenly(count: int, most: int) -> np.ndarray:
    return np.unique(np.linspace(0, count - 1, min(most, count)).round().astype(int))


def _observed(observations: Observations, votes: np.ndarray) -> Observations:
    """The observations with other votes: a value for each observed cell, or a matrix of all cells."""
    seen = np.isfinite(observations.matrix)
    matrix = np.full(observations.matrix.shape, np.nan)
    matrix[seen] = votes[seen] if votes.shape == matrix.shape else votes
    return replace(observations, matrix=matrix)


def _start(configuration: Configuration, observations: Observations, *, symmetric: bool) -> Values:
    """The start that the model has for these votes; none where their first component has no side."""
    try:
        component, _ = component_of(
            observations.matrix,
            observations.members,
            observations.chambers,
            _orientation(observations, symmetric=symmetric),
        )
        if configuration.beta_prior.positive and _falls(observations.matrix, component.scores):
            component = replace(component, scores=-component.scores)
        votes = replace(observations, component=component)
        if votes.plane is not None:
            votes = replace(votes, plane=plane_of(votes.matrix, component, votes.plane.anchors))
        return build_model(configuration, votes).initial
    except (DataProblem, Unsupported):
        return {}


def _orientation(observations: Observations, *, symmetric: bool) -> Orientation:
    """None where either side will do: parties may lie too near to each other to tell one."""
    if symmetric or observations.party_pair is None:
        return Orientation("none", [], [])
    low, high = (np.flatnonzero(observations.parties == party).tolist() for party in observations.party_pair)
    return Orientation(f"party {observations.party_pair[1]} positive", high, low)


def _falls(matrix: np.ndarray, scores: np.ndarray) -> bool:
    """Whether most roll calls have more votes of 1 on the lower side: positive β have them on the upper."""
    centered = np.where(np.isfinite(matrix), matrix - np.nanmean(matrix, axis=0), 0)
    return bool(((scores @ centered) < 0).mean() > 0.5)
