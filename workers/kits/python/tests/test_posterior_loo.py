import tracemalloc

import arviz as az
import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest
import xarray as xr
from arviz_stats.base import array_stats
from loo_by_arviz import assert_each_is_that_of_arviz
from posterior_cases import SCHOOLS, eight_schools, logistic, logistic_draws, made, schools_draws, tree_of

from nx_study_posterior.derive import densities as module
from nx_study_posterior.derive import loo as loo_module
from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.densities import Densities, Uncomputable, kinds_of
from nx_study_posterior.derive.loo import DECIMALS, psis, thinned_variables
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
    return loo_of_observed(
        draws, sources(model, Densities(model, draws), draws, values), absences or Absences()
    )


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
        one = found["loo_by"][name] if len(names) > 1 else found["loo"]
        expected = assert_each_is_that_of_arviz(one, tree, name)
        assert one["elpd_loo"] == pytest.approx(expected.elpd, rel=1e-9)
        assert one["se"] == pytest.approx(expected.se, rel=1e-9)
        assert one["p_loo"] == pytest.approx(expected.p, rel=1e-7)
        assert one["pareto_k"]["above"] == (expected.pareto_k.values > expected.good_k).sum()
    assert found["loo"]["left_out"].startswith("one value of ")


def test_several_observed_variables_are_each_named_and_stand_together():
    found = derive(logistic(), logistic_draws())
    by = found["loo_by"]
    assert list(by) == found["loo"]["variables"] == ["y", "count"]
    assert found["loo"]["left_out"] == "one value of y or one value of count"
    assert found["loo"]["observations"] == 66
    assert found["loo"]["ess_min"] == min(one["ess_min"] for one in by.values())
    # Those of each observation stand with their variable, and once.
    assert not set(DECIMALS) & set(found["loo"])
    assert found["loo"]["observed_sha256"] not in {one["observed_sha256"] for one in by.values()}


def test_several_observed_variables_together_are_one_for_arviz():
    model, draws = logistic(), logistic_draws()
    tree, found = tree_of(model, draws), derive(model, draws)["loo"]
    parts = [values.values.reshape(2, 150, -1) for values in tree["log_likelihood"].data_vars.values()]
    together = xr.Dataset({"all": (("chain", "draw", "observation"), np.concatenate(parts, axis=2))})
    tree["log_likelihood"] = xr.DataTree(together)
    expected = az.loo(tree, var_name="all", pointwise=True)
    assert found["elpd_loo"] == pytest.approx(expected.elpd, rel=1e-9)
    assert found["se"] == pytest.approx(expected.se, rel=1e-9)
    assert found["p_loo"] == pytest.approx(expected.p, rel=1e-7)
    assert found["pareto_k"]["max"] == pytest.approx(float(expected.pareto_k.max()), rel=1e-9)


def test_unreliable_observations_of_several_variables_are_named_in_one_list():
    draws = logistic_draws()
    draws.posterior["a"].values[:] *= np.exp(np.random.default_rng(3).normal(0, 2, (2, 150)))
    found = derive(logistic(), draws)
    k, by = found["loo"]["pareto_k"], found["loo_by"]
    assert k["at"] == [
        *by["y"]["pareto_k"]["at"],
        *(60 + at for at in by["count"]["pareto_k"]["at"]),
    ]
    names = {at: f"y[{at}]" for at in range(60)} | {60 + at: f"count[{at // 3}, {at % 3}]" for at in range(6)}
    assert {one["item"].partition("[")[0] for one in k["worst"]} == {"y", "count"}
    assert [one["item"] for one in k["worst"]] == [names[one["observation"]] for one in k["worst"]]
    order = [np.inf if one["pareto_k"] is None else one["pareto_k"] for one in k["worst"]]
    assert order == sorted(order, reverse=True)


def test_too_many_observations_of_all_variables_together_are_summed_only(monkeypatch):
    monkeypatch.setattr(loo_module, "POINTWISE_MAX", 65)
    absences = Absences()
    found = derive(logistic(), logistic_draws(), absences)
    reason = "66 observations are more than the 65 that are kept"
    for variable, one in found["loo_by"].items():
        for quantity in DECIMALS:
            assert one[quantity] is None
            assert absences.reasons[f"loo_by.{variable}.{quantity}"] == reason
    assert found["loo"]["elpd_loo"] == pytest.approx(sum(one["elpd_loo"] for one in found["loo_by"].values()))


def test_a_variable_that_can_not_be_left_out_is_named():
    draws = logistic_draws()
    draws.posterior["b"].values[0, 0, 0] = np.nan
    absences = Absences()
    found = derive(logistic(), draws, absences)
    assert found["loo"] is None
    assert absences.reasons["loo"] == "y can't be left out"
    assert found["loo_by"]["y"] is None
    assert len(found["loo_by"]["count"]["ess_i"]) == 6


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


def test_one_observation_has_no_standard_error():
    """Such as a whole series: its standard error came out as 0."""
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 5)
        pm.MvNormal("y", mu=mu * np.ones(6), cov=np.eye(6), observed=np.arange(6.0))
    absences = Absences()
    found = derive(model, made(schools_draws().posterior[["mu"]], xr.Dataset()), absences)["loo"]
    assert (found["observations"], found["se"]) == (1, None)
    assert absences.reasons["loo.se"] == "one observation does not tell how much others would differ"


def test_a_model_without_observations_has_a_reason():
    with pm.Model() as model:
        pm.Normal("mu", 0, 5)
    absences = Absences()
    assert derive(model, made(schools_draws().posterior[["mu"]], xr.Dataset()), absences) == {"loo": None}
    assert absences.reasons == {"loo": "the model has no observed variable"}


def test_unreliable_observations_are_named_and_listed():
    draws = schools_draws()
    draws.posterior["offset"].values[:, :, 0] *= np.exp(np.random.default_rng(3).normal(0, 2, (4, 100)))
    found = derive(eight_schools(), draws)["loo"]
    k = found["pareto_k"]
    assert k["above"] == len(k["at"]) == len(k["worst"])
    assert k["max"] == k["worst"][0]["pareto_k"]
    assert all(one["item"] == f"y[{SCHOOLS[one['observation']]}]" for one in k["worst"])
    for one in k["worst"]:
        at = one["observation"]
        assert one["elpd"] == pytest.approx(found["elpd_i"][at], abs=5.1e-7)
        assert one["p_loo"] == pytest.approx(found["p_loo_i"][at], abs=5.1e-7)
        assert one["pareto_k"] == pytest.approx(found["pareto_k_i"][at], abs=5.1e-4)
        assert one["ess"] == pytest.approx(found["ess_i"][at], abs=5.1e-2)
    assert k["at"] == sorted(one["observation"] for one in k["worst"])


def test_an_observation_that_says_nothing_has_its_density():
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 5)
        pm.Normal("y", mu * np.array([1.0, 0.0]), 1, observed=np.array([1.0, 2.0]))
    found = derive(model, made(schools_draws().posterior[["mu"]], xr.Dataset()))["loo"]
    assert found["elpd_i"][1] == pytest.approx(-2 - 0.5 * np.log(2 * np.pi), abs=1e-6)
    assert found["elpd_i"][0] < 0
    assert 1 not in found["pareto_k"]["at"]
    # All draws weigh the same.
    assert (found["p_loo_i"][1], found["pareto_k_i"][1]) == (0, 0)
    assert found["ess_i"][1] == pytest.approx(400 * found["relative_efficiency"], abs=5.1e-2)


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


def test_a_k_that_can_not_be_fitted_is_null_with_a_reason():
    random = np.random.default_rng(8)
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 5)
        pm.Normal("y", mu * np.array([1.0, 0.5]), 1, observed=np.array([0.0, 2.0]))
    values = random.normal(0, 0.3, (4, 100))
    # A quarter of the draws have the same least likelihood of the first value: there is no tail.
    values[np.abs(values) > 0.35] = 0.35
    absences = Absences()
    found = derive(model, made(xr.Dataset({"mu": (("chain", "draw"), values)}), xr.Dataset()), absences)[
        "loo"
    ]
    assert found["pareto_k_i"][0] is None
    assert found["pareto_k_i"][1] is not None
    assert absences.reasons["loo.pareto_k_i"] == "a tail was too short to fit"
    assert found["pareto_k"]["at"][0] == 0
    assert found["pareto_k"]["worst"][0]["pareto_k"] is None
    # The weights are there all the same, not smoothed.
    weights = np.exp(values.ravel() ** 2 / 2)
    ess = found["relative_efficiency"] * weights.sum() ** 2 / (weights**2).sum()
    assert found["ess_i"][0] == pytest.approx(ess, abs=5.1e-2)


def test_a_distribution_of_ones_own_tells_what_is_summed():
    """Written as a clipped or rounded one, it was taken for a density, and compared with one."""

    def own(name, of):
        pm.CustomDist(
            name, mu, dist=lambda mu, size: of(pm.Normal.dist(mu, 1, size=size)), observed=np.ones(3)
        )

    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 5)
        own("clipped", lambda drawn: pt.clip(drawn, 0, np.inf))
        own("rounded", lambda drawn: pt.round(drawn))
        own("moved", lambda drawn: pt.exp(drawn))
        own("around_a_floor", lambda drawn: drawn + pt.floor(2.5))
        pm.Normal("of_a_rounded_mean", pt.clip(pt.round(mu), 0, 1), 1, observed=np.ones(3))
    assert kinds_of(model) == {
        "clipped": "probabilities and densities",
        "rounded": "probabilities",
        "moved": "densities",
        "around_a_floor": "densities",
        "of_a_rounded_mean": "densities",
    }


def test_observations_beside_missing_ones_have_their_own_names():
    """The second that is not missing is no row `b`."""
    values = np.array([[90.0, np.nan], [40.0, np.nan], [-50.0, -60.0]])
    with pm.Model(coords={"row": ["a", "b", "c"], "item": ["x", "z"]}) as model:
        pm.Normal("y", pm.Normal("mu"), 1, observed=values, dims=("row", "item"))
    random = np.random.default_rng(1)
    drawn = {"mu": (("chain", "draw"), random.normal(size=(4, 100)))}
    drawn["y_unobserved"] = (("chain", "draw", "missing"), random.normal(size=(4, 100, 2)))
    observed = xr.Dataset({"y_observed": ("y_observed_dim_0", values[np.isfinite(values)])})
    draws = made(xr.Dataset(drawn), observed)
    worst = derive(model, draws)["loo"]["pareto_k"]["worst"]
    names = {one["observation"]: one["item"] for one in worst}
    assert names == {0: "y[a, x]", 1: "y[b, x]", 2: "y[c, x]", 3: "y[c, z]"}
