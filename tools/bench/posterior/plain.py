"""The models that the scripts here compare, all from the same votes and the same start."""

import dataclasses
import json
from typing import Any

import nutpie
import pymc as pm

from ideal_point.config import Configuration, read_configuration
from ideal_point.data import Observations, observe
from ideal_point.models import build_model, likelihood
from nx_study_posterior.built import BuiltModel


def read(configuration: str) -> tuple[Configuration, Observations]:
    """From a configuration of the worker as JSON."""
    settings = read_configuration(json.loads(configuration))
    return settings, observe(settings)


def worker_model(settings: Configuration, observations: Observations) -> BuiltModel:
    """As the worker builds it."""
    return build_model(settings, observations)


def without_kernel(settings: Configuration, observations: Observations) -> BuiltModel:
    """As the worker builds it where little is observed."""
    usual, likelihood.DENSE_SHARE = likelihood.DENSE_SHARE, 2.0
    try:
        return build_model(settings, observations)
    finally:
        likelihood.DENSE_SHARE = usual


def plain_model(settings: Configuration, observations: Observations) -> BuiltModel:
    """As one would write it in PyMC."""
    member, rollcall, votes = observations.cells
    members, rollcalls = observations.matrix.shape
    with pm.Model() as model:
        xi = settings.position_prior.variable("xi", shape=members)
        alpha = settings.alpha_prior.variable("alpha", shape=rollcalls)
        beta = settings.beta_prior.variable("beta", shape=rollcalls)
        pm.Bernoulli("y", logit_p=beta[rollcall] * xi[member] - alpha[rollcall], observed=votes)
    return dataclasses.replace(build_model(settings, observations), model=model)


def bare_compile(built: BuiltModel) -> Any:
    """By nutpie alone, from the same start."""
    names = set(built.jittered)
    return nutpie.compile_pymc_model(
        built.model,
        initial_points=dict(built.initial),
        jitter_rvs={variable for variable in built.model.free_RVs if variable.name in names},
    )
