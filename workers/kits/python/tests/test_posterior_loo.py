import tracemalloc

import arviz as az
import numpy as np
import pymc as pm
import pytest
import xarray as xr
from arviz_stats.base import array_stats
from posterior_cases import SCHOOLS, eight_schools, logistic, logistic_draws, made, schools_draws, tree_of

from nx_study_posterior.derive import densities as module
from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.densities import Densities, Uncomputable, kinds_of
from nx_study_posterior.derive.loo import psis, thinned_variables
from nx_study_posterior.derive.observed import (
    loo_of_observed,
    observed_sha256,
    observed_values,
    sources,
)
from nx_study_worker import WorkerError

CASES = [(eight_schools, schools_draws), (logistic, logistic_draws)]


def derive(model, draws, absences=None):
    values = observed_values(model, draws)
    return loo_of_observed(draws, sources(Densities(model, draws), draws, values), absences or Absences())


@pytest.mark.parametrize(("build", "draw"), CASES)
def test_log_likelihoods_and_priors_are_those_of_pymc(build, draw):
    model, draws = build(), draw()
    tree, densities = tree_of(model, draws), Densities(model, draws)
    thinned = thinned_variables(draws)
    likelihood = 0
    for name in observed_values(model, draws):
        expected = tree["log_likelihood"][name].values
        expected = expected.reshape(*expected.shape[:2], -1)
        found = densities.log_likelihood(thinned, name, slice(1, 4))
        np.testing.assert_allclose(found, expected[:, :, 1:4], rtol=1e-12)
        likelihood = likelihood + expected.sum(axis=2)
    prior = sum(
        values.values.reshape(*values.shape[:2], -1).sum(axis=2)
        for values in tree["log_prior"].data_vars.values()
    )
    found = densities.totals(thinned)
    np.testing.assert_allclose(found[0], prior, rtol=1e-12)
    np.testing.assert_allclose(found[1], likelihood, rtol=1e-12)


@pytest.mark.parametrize(("build", "draw"), CASES)
def test_loo_of_each_observed_variable_is_that_of_arviz(monkeypatch, build, draw):
    model, draws = build(), draw()
    monkeypatch.setattr(module, "BLOCK", 5 * draws.posterior["chain"].size * draws.posterior["draw"].size)
    tree, found = tree_of(model, draws), derive(model, draws)
    names = list(observed_values(model, draws))
    for name in names:
        expected = az.loo(tree, var_name=name, pointwise=True)
        one = found["loo_by"][name] if len(names) > 1 else found["loo"]
        assert one["elpd_loo"] == pytest.approx(expected.elpd, rel=1e-9)
        assert one["se"] == pytest.approx(expected.se, rel=1e-9)
        assert one["p_loo"] == pytest.approx(expected.p, rel=1e-7)
        assert one["elpd_i"] == pytest.approx(expected.elpd_i.values.ravel().tolist(), abs=5.1e-7)
        assert one["pareto_k"]["above"] == (expected.pareto_k.values > expected.good_k).sum()
    assert found["loo"]["left_out"].startswith("one value of ")


def test_several_observed_variables_are_each_named_and_stand_together():
    found = derive(logistic(), logistic_draws())
    by = found["loo_by"]
    assert list(by) == found["loo"]["variables"] == ["y", "count"]
    assert found["loo"]["left_out"] == "one value of y or one value of count"
    assert found["loo"]["observations"] == 66
    assert found["loo"]["elpd_i"] == [*by["y"]["elpd_i"], *by["count"]["elpd_i"]]
    assert found["loo"]["elpd_loo"] == pytest.approx(by["y"]["elpd_loo"] + by["count"]["elpd_loo"])
    assert found["loo"]["observed_sha256"] not in {one["observed_sha256"] for one in by.values()}


def test_what_is_summed_is_told():
    """A density has a unit: whether Poisson or Normal predicts counts better, elpd can't say."""
    ones = np.ones(3)
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 5)
        pm.Poisson("count", pm.math.exp(mu), observed=np.array([0, 1, 2]))
        pm.Normal("value", mu, 1, observed=ones)
        pm.Censored("censored", pm.Normal.dist(mu, 1), lower=0, upper=None, observed=ones)
        pm.HurdleGamma("hurdle", psi=0.5, alpha=pm.math.exp(mu), beta=1, observed=ones)
        pm.Normal("around", pm.Censored("at_least", pm.Normal.dist(0, 1), lower=0, upper=None), observed=ones)
    assert kinds_of(model) == {
        "count": "probabilities",
        "value": "densities",
        "censored": "probabilities and densities",
        "hurdle": "probabilities and densities",
        "around": "densities",
    }
    found = derive(logistic(), logistic_draws())
    assert found["loo"]["density"] == "probabilities of y, probabilities of count"
    assert derive(eight_schools(), schools_draws())["loo"]["density"] == "densities"


def test_one_observed_variable_is_named():
    found = derive(eight_schools(), schools_draws())
    assert set(found) == {"loo"}
    assert found["loo"]["variable"] == "y"


def test_what_was_observed_has_a_hash_of_its_name_shape_and_values():
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    first = observed_sha256("y", values)
    assert first == observed_sha256("y", values.astype(np.int64))
    assert first != observed_sha256("z", values)
    assert first != observed_sha256("y", values.ravel())
    assert first != observed_sha256("y", values.T)


def test_a_model_rebuilt_with_other_data_is_refused():
    draws = schools_draws()
    draws.observed["y"].values[2] += 1
    with pytest.raises(WorkerError, match="y: the model was rebuilt with other data"):
        observed_values(eight_schools(), draws)


def test_draws_without_a_free_variable_have_no_densities():
    draws = schools_draws()
    with pytest.raises(Uncomputable, match="the draws lack the free variables mu, tau"):
        Densities(eight_schools(), made(draws.posterior.drop_vars(["mu", "tau"]), draws.observed))


def test_a_model_whose_density_is_not_known_has_a_reason():
    def distance(rng, mu, size=None):
        return rng.normal(mu, 1, size=size)

    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 5)
        pm.Simulator("y", distance, mu, epsilon=1, observed=np.zeros(3))
        pm.CustomDist("z", mu, random=distance, observed=np.zeros(2))
    draws = schools_draws()
    with pytest.raises(Uncomputable, match="the model's density can't be computed"):
        Densities(model, made(draws.posterior[["mu"]], xr.Dataset()))


def test_a_part_of_the_log_likelihood_holds_no_more_than_itself():
    """600 draws of 20,000 observations are 96 MB, of which 1,000 are asked for: 5 MB."""
    random, count = np.random.default_rng(0), 20_000
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 1)
        pm.Normal("y", mu, 1, observed=random.normal(size=count))
    posterior = xr.Dataset({"mu": (("chain", "draw"), random.normal(size=(2, 300)))})
    draws = made(posterior, xr.Dataset())
    densities, thinned = Densities(model, draws), thinned_variables(draws)
    tracemalloc.start()
    try:
        found = densities.log_likelihood(thinned, "y", slice(0, 1000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.shape == (2, 300, 1000)
    assert peak < 3 * found.nbytes


@pytest.mark.slow
def test_a_vector_with_one_density_is_one_observation():
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 5)
        pm.MvNormal("y", mu=mu * np.ones(2), cov=np.eye(2), observed=np.arange(12.0).reshape(6, 2))
    draws = made(schools_draws().posterior[["mu"]], xr.Dataset())
    found = derive(model, draws)["loo"]
    assert (found["observations"], found["left_out"]) == (6, "one vector of y")
    assert found["elpd_loo"] == pytest.approx(az.loo(tree_of(model, draws)).elpd, rel=1e-9)


def test_a_model_without_observations_has_a_reason():
    with pm.Model() as model:
        pm.Normal("mu", 0, 5)
    absences = Absences()
    assert derive(model, made(schools_draws().posterior[["mu"]], xr.Dataset()), absences) == {"loo": None}
    assert absences.reasons == {"loo": "the model has no observed variable"}


def test_unreliable_observations_are_named_and_listed():
    draws = schools_draws()
    draws.posterior["offset"].values[:, :, 0] *= np.exp(np.random.default_rng(3).normal(0, 2, (4, 100)))
    k = derive(eight_schools(), draws)["loo"]["pareto_k"]
    assert k["above"] == len(k["at"]) == len(k["worst"])
    assert k["max"] == k["worst"][0]["pareto_k"]
    assert all(one["item"] == f"y[{SCHOOLS[one['observation']]}]" for one in k["worst"])
    assert k["at"] == sorted(one["observation"] for one in k["worst"])


def test_an_observation_that_says_nothing_has_its_density():
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 5)
        pm.Normal("y", mu * np.array([1.0, 0.0]), 1, observed=np.array([1.0, 2.0]))
    found = derive(model, made(schools_draws().posterior[["mu"]], xr.Dataset()))["loo"]
    assert found["elpd_i"][1] == pytest.approx(-2 - 0.5 * np.log(2 * np.pi), abs=1e-6)
    assert found["elpd_i"][0] < 0
    assert 1 not in found["pareto_k"]["at"]


def test_a_tail_that_can_not_be_fitted_counts_as_unreliable():
    random = np.random.default_rng(8)
    rows = random.normal(-1, 0.3, (3, 400))
    rows[0] = np.maximum(rows[0], -1.2)  # a quarter of the draws have the same least likelihood
    rows[1] = -2
    weights, pareto_k = psis(rows, 1.0)
    assert np.isnan(pareto_k[0])
    assert pareto_k[1] == 0
    np.testing.assert_allclose(np.exp(weights).sum(axis=1), 1)
    np.testing.assert_allclose(weights[0] + rows[0], (weights[0] + rows[0])[0])  # plain importance weights
    assert pareto_k[2] == array_stats.psislw(rows[2], r_eff=1.0)[1]
