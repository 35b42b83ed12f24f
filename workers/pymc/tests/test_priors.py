"""Priors beside posteriors."""

import numpy as np
import pymc as pm
import pytest
import xarray as xr
from posterior_cases import made

from nx_study_posterior.derive.absence import Absences
from pymc_worker.derive.priors import priors

transforms = pm.distributions.transforms


def test_a_prior_that_a_transform_may_limit_is_not_told():
    with pm.Model() as model:
        pm.Normal("cut", 0, 2, shape=3, transform=transforms.ordered, initval=[-1.0, 0.0, 1.0])
        pm.Normal("limited", 0, 2, transform=transforms.Interval(0, None))
        pm.HalfNormal("scale", 1)
    random = np.random.default_rng(1)
    cuts = np.sort(random.normal(0, 2, (4, 500, 3)), axis=-1)
    one = abs(random.normal(0, 2, (4, 500)))
    sample = ("chain", "draw")
    posterior = {"cut": ((*sample, "cut_dim_0"), cuts), "limited": (sample, one), "scale": (sample, one)}
    found = priors(model, made(xr.Dataset(posterior), xr.Dataset()), Absences())
    assert [prior["variable"] for prior in found] == ["cut", "scale"]
    # Of all elements together an order changes nothing.
    assert found[0]["posterior_quantiles"] == pytest.approx(found[0]["prior_quantiles"], abs=0.35)


def test_a_potential_changes_what_is_written():
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 1)
        pm.Potential("above", pm.math.switch(mu > 1, 0.0, -np.inf))
    mu = (("chain", "draw"), 1 + abs(np.random.default_rng(2).normal(size=(4, 100))))
    absences = Absences()
    assert priors(model, made(xr.Dataset({"mu": mu}), xr.Dataset()), absences) == []
    assert absences.reasons == {
        "priors": "the model has above: with a potential, a prior is not what is written for it"
    }
