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
from .problems import DataProblem

# Log-odds of so many observed cells are ranked.
CELLS = 6


def simulation(
    configuration: Configuration, observations: Observations, built: BuiltModel, settings: Any
) -> Simulation:
    """The simulated fits of a measurement: who voted on what is as in the files, the votes are not."""
    symmetric = bool(built.notes.get("reflection_symmetric", False))

    def restart(data: Values) -> Values:
        return _start(configuration, _observed(observations, data["y"]))

    def quantities(model: pm.Model) -> list[str]:
        return _quantities(model, observations, symmetric=symmetric)

    return Simulation(settings, configuration.simulations, restart, quantities)


def shape_of_data(report: Mapping[str, Any]) -> dict[str, Any]:
    """What the report of the data step says of sizes; the votes themselves are not used."""
    return {"simulated": "prior", **{key: report[key] for key in ("rows", "rollcalls", "cells", "parties")}}


def _quantities(model: pm.Model, observations: Observations, *, symmetric: bool) -> list[str]:
    """Where the mirror image is as likely, only what is equal in it: the start would decide ranks of ξ."""
    xi, beta = model["xi"], model["beta"]
    member, rollcall, votes = observations.cells
    chosen = np.unique(np.linspace(0, len(votes) - 1, min(CELLS, len(votes))).round().astype(int))
    cells = [
        f"{observations.members[row].id} on {observations.rollcalls[column]}"
        for row, column in zip(member[chosen], rollcall[chosen], strict=True)
    ]
    model.add_coords({"ranked_cell": cells})
    votes_variable = model["y"].owner
    (eta,) = votes_variable.op.dist_params(votes_variable)
    pm.Deterministic("log_odds", eta[chosen], dims="ranked_cell")
    pm.Deterministic("position_sd", xi.std())
    pm.Deterministic("discrimination_mean", abs(beta).mean())
    shared = ["alpha", "log_odds", "position_sd", "discrimination_mean"]
    of_chambers = [name for name in ("mu_chamber", "sigma_chamber") if name in model.named_vars]
    if symmetric:
        pm.Deterministic("abs_xi", abs(xi), dims="legislator")
        pm.Deterministic("abs_beta", abs(beta), dims=model.named_vars_to_dims.get("beta"))
        if of_chambers:
            pm.Deterministic("abs_mu_chamber", abs(model["mu_chamber"]), dims="further_chamber")
            of_chambers[0] = "abs_mu_chamber"
        return [*of_chambers, "abs_xi", "abs_beta", *shared]
    of_parties = [name for name in ("mu_party", "sigma_within") if name in model.named_vars]
    return [*of_parties, *of_chambers, "xi", "beta", *shared]


def _observed(observations: Observations, votes: np.ndarray) -> Observations:
    """The observations with other votes: a value for each observed cell, or a matrix of all cells."""
    seen = np.isfinite(observations.matrix)
    matrix = np.full(observations.matrix.shape, np.nan)
    matrix[seen] = votes[seen] if votes.shape == matrix.shape else votes
    return replace(observations, matrix=matrix)


def _start(configuration: Configuration, observations: Observations) -> Values:
    """The start that the model has for these votes; none where their first component has no side."""
    try:
        component, _ = component_of(
            observations.matrix, observations.members, observations.chambers, _orientation(observations)
        )
        scores = component.scores
        if configuration.beta_prior.positive and _falls(observations.matrix, scores):
            component = replace(component, scores=-scores)
        return build_model(configuration, replace(observations, component=component)).initial
    except (DataProblem, Unsupported):
        return {}


def _orientation(observations: Observations) -> Orientation:
    if observations.party_pair is None:
        return Orientation("none", [], [])
    low, high = (np.flatnonzero(observations.parties == party).tolist() for party in observations.party_pair)
    return Orientation(f"party {observations.party_pair[1]} positive", high, low)


def _falls(matrix: np.ndarray, scores: np.ndarray) -> bool:
    """Whether most roll calls have more votes of 1 on the lower side: positive β have them on the upper."""
    centered = np.where(np.isfinite(matrix), matrix - np.nanmean(matrix, axis=0), 0)
    return bool(((scores @ centered) < 0).mean() > 0.5)
