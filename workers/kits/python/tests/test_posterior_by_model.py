import copy

import arviz as az
import numpy as np
import pymc as pm
import pytest
import xarray as xr
from kit_schemas import problems_of
from posterior_cases import (
    EFFECTS,
    ERRORS,
    eight_schools,
    logistic,
    logistic_data,
    logistic_draws,
    made,
    schools_draws,
    tree_of,
)
from scipy.stats import multivariate_normal

from nx_study_posterior.derive import replicated as module
from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.by_model import described_by_model
from nx_study_posterior.derive.checks import Checks
from nx_study_posterior.derive.densities import Densities
from nx_study_posterior.derive.derived import nothing_kept
from nx_study_posterior.derive.estimates import Quantity
from nx_study_posterior.derive.loo import relative_efficiency, thinned_variables
from nx_study_posterior.derive.loo_pit import loo_pit, why_no_pit


def described(model, draws, quantities=()):
    absences = Absences()
    return described_by_model(model, draws, quantities, absences), absences.reasons


@pytest.fixture(scope="module")
def schools():
    model, draws = eight_schools(), schools_draws()
    mu = Quantity("mu", "μ", "Mean effect", draws.posterior["mu"].values, main=True)
    return described(model, draws, [mu])


def test_a_model_and_its_draws_have_all_parts(schools):
    found, reasons = schools
    assert set(found) == {"loo", "sensitivity", "predictive", "overlap"}
    assert reasons == {}
    assert found["sensitivity"]["scaled_priors"] == ["mu", "tau", "offset"]
    assert set(found["sensitivity"]["estimates"]) == {"mu"}
    [y] = found["predictive"]
    assert (y["variable"], y["observations"], y["draws_used"]) == ("y", 8, 400)
    assert y["prior"]["draws_used"] == 1000
    assert list(found["overlap"]) == ["mu", "tau", "offset"]
    assert found["overlap"]["offset"]["mean"] > 0.9  # its draws are those of the prior
    assert found["overlap"]["offset"]["max"]["item"].startswith("offset[")
    assert found["overlap"]["mu"]["mean"] < 0.7


def test_the_parts_fit_the_contract(schools):
    derived = {
        **nothing_kept(),
        **schools[0],
        "reasons": schools[1] | {"variables": "none are described here"},
    }
    assert problems_of("posterior.derived", derived) == []
    broken = copy.deepcopy(derived)
    del broken["predictive"][0]["loo_pit"]["outside"]
    assert problems_of("posterior.derived", broken) != []


def test_data_under_the_prior_are_wider_than_under_the_posterior(schools):
    [y] = schools[0]["predictive"]
    assert y["prior"]["quantities"]["sd"]["replicated"]["mean"] > y["quantities"]["sd"]["replicated"]["mean"]
    assert y["prior"]["quantities"]["mean"]["observed"] == y["quantities"]["mean"]["observed"]


def test_test_quantities_are_those_of_the_data(schools):
    quantities = schools[0]["predictive"][0]["quantities"]
    assert quantities["mean"]["observed"] == pytest.approx(EFFECTS.mean())
    assert quantities["sd"]["observed"] == pytest.approx(EFFECTS.std(ddof=1))
    assert (quantities["min"]["observed"], quantities["max"]["observed"]) == (-3, 28)
    # Draws by hand: mu is about 5, the errors 9 to 18.
    assert quantities["mean"]["replicated"]["mean"] == pytest.approx(5, abs=1)
    assert 0.05 < quantities["max"]["p_value"] < 0.95
    curve = schools[0]["predictive"][0]["quantiles"]
    assert curve["observed"] == pytest.approx(np.quantile(EFFECTS, curve["probabilities"]).tolist())
    assert all(
        low < middle < high
        for low, middle, high in zip(
            curve["replicated_low"], curve["replicated_median"], curve["replicated_high"], strict=True
        )
    )


def test_loo_pit_is_that_of_arviz():
    model, draws = eight_schools(), schools_draws()
    random = np.random.default_rng(9)
    data = draws.posterior["theta"].values + random.normal(0, 12, (4, 100, 8))
    tree = tree_of(model, draws)
    tree["posterior_predictive"] = xr.DataTree(
        xr.Dataset({"y": (("chain", "draw", "school"), data)}, coords=draws.posterior.coords)
    )
    tree["observed_data"] = xr.DataTree(draws.observed)
    expected = az.loo_pit(tree)["y"].values
    thinned = thinned_variables(draws)
    likelihood = Densities(model, draws).log_likelihood(thinned, "y", slice(None))
    found = loo_pit(EFFECTS, data.reshape(-1, 8), likelihood.reshape(-1, 8), relative_efficiency(thinned))
    assert found["observations"] == 8
    assert found["histogram"] == np.histogram(expected, 20, (0, 1))[0].tolist()
    points = np.array(found["points"])
    assert points.tolist() == [at / 8 for at in range(1, 8)]
    ecdf = (expected[:, None] <= points).mean(axis=0)
    assert found["difference"] == pytest.approx((ecdf - points).tolist())


def test_loo_pit_tells_data_that_fit_from_data_that_do_not():
    random = np.random.default_rng(2)
    observed, flat = random.normal(0, 1, 300), np.zeros((500, 300))  # all draws weigh the same
    fits = loo_pit(observed, random.normal(0, 1, (500, 300)), flat, 1.0)
    assert fits["outside"] == 0
    assert len(fits["points"]) == 99
    wide = loo_pit(observed, random.normal(0, 3, (500, 300)), flat, 1.0)
    assert wide["outside"] > 10


@pytest.mark.slow
def test_several_observed_variables_in_small_parts(monkeypatch):
    # Two parts under the posterior, and two under the prior: PyMC compiles the model anew for each.
    monkeypatch.setattr(module, "BLOCK", 66 * 200)
    monkeypatch.setattr(module, "PRIOR_DRAWS", 400)
    draws = logistic_draws()
    found, reasons = described(logistic(), draws)
    assert [(one["variable"], one["draws_used"]) for one in found["predictive"]] == [
        ("y", 300),
        ("count", 300),
    ]
    y, count = found["predictive"]
    assert y["loo_pit"] is None
    assert (
        reasons["predictive.0.loo_pit"] == "of two values every place is nearly uniform, whatever the model"
    )
    assert count["loo_pit"]["observations"] == 6
    a, b = (draws.posterior[name].values for name in ("a", "b"))
    chance = 1 / (1 + np.exp(-(a[..., None] + b @ logistic_data()[0].T)))
    # 18,000 replicated values: five standard errors.
    assert y["quantities"]["mean"]["replicated"]["mean"] == pytest.approx(chance.mean(), abs=0.02)
    assert (y["prior"]["draws_used"], count["prior"]["draws_used"]) == (400, 400)
    assert set(found["loo_by"]) == {"y", "count"}


def test_the_free_variables_are_not_drawn_again():
    """With coordinates, PyMC would draw `offset` anew, and no posterior would be left of it."""
    whole = schools_draws()
    whole.posterior["offset"].values[:] = 100
    draws = made(whole.posterior.drop_vars("theta"), whole.observed)
    found, _ = described(eight_schools(), draws)
    expected = (draws.posterior["mu"] + 100 * draws.posterior["tau"]).values.mean()
    mean = found["predictive"][0]["quantities"]["mean"]["replicated"]["mean"]
    assert mean == pytest.approx(expected, rel=0.02)


def test_replicated_data_are_in_the_order_of_the_draws(monkeypatch):
    """LOO-PIT weighs them by the likelihoods of the same draws."""
    monkeypatch.setattr(module, "BLOCK", 8 * 150)
    draws = schools_draws()
    parts = [part["y"] for part in module.replicated(eight_schools(), draws, ["y"])]
    assert [len(part) for part in parts] == [150, 150, 100]
    means, centers = (
        np.concatenate(parts).mean(axis=1),
        draws.posterior["theta"].values.reshape(-1, 8).mean(axis=1),
    )
    assert np.corrcoef(means, centers)[0, 1] > 0.4


def test_nothing_is_made_up_for_a_variable_that_was_not_kept():
    draws = schools_draws()
    found, reasons = described(eight_schools(), made(draws.posterior[["mu", "tau"]], draws.observed))
    assert (found["loo"], found["sensitivity"]) == (None, None)
    assert found["predictive"][0]["quantities"] is None
    assert found["predictive"][0]["prior"]["draws_used"] == 1000
    assert set(found["overlap"]) == {"mu", "tau"}
    for path in ("loo", "sensitivity", "predictive.0"):
        assert reasons[path] == "the draws lack the free variables offset"


def test_draws_of_an_ordered_prior_are_in_its_order():
    """PyMC draws the elements as if there were no order: the overlap with sorted ones came out as 0.6."""
    ordered = pm.distributions.transforms.ordered
    with pm.Model() as model:
        cut = pm.Normal("cut", 0, 2, shape=3, transform=ordered, initval=[-1.0, 0.0, 1.0])
        pm.Normal("y", cut[2] - cut[0], 1, observed=np.zeros(50))
    # Three normal numbers in order: the posterior of data that teach nothing.
    cuts = np.sort(np.random.default_rng(1).normal(0, 2, (4, 500, 3)), axis=-1)
    posterior = xr.Dataset({"cut": (("chain", "draw", "cut_dim_0"), cuts)})
    found, _ = described(model, made(posterior, xr.Dataset()))
    assert found["overlap"]["cut"]["min"]["overlap"] > 0.93
    mean = found["predictive"][0]["prior"]["quantities"]["mean"]["replicated"]["mean"]
    # The range of three: 3 / √π standard deviations; 1,000 draws have an error of 0.06.
    assert mean == pytest.approx(2 * 3 / np.sqrt(np.pi), abs=0.25)


def test_missing_values_are_no_priors():
    with pm.Model() as model:
        mu = pm.Normal("mu")
        pm.Normal("y", mu, 1, observed=np.array([0.5, np.nan, 1.5]))
    random = np.random.default_rng(1)
    values = {"mu": (("chain", "draw"), random.normal(size=(4, 100)))}
    values["y_unobserved"] = (("chain", "draw", "missing"), random.normal(size=(4, 100, 1)))
    assert Densities(model, made(xr.Dataset(values), xr.Dataset())).scaled == ["mu"]


def test_a_start_of_its_own_changes_no_density():
    """PyMC copies no model in which a variable has one."""
    plain, draws = eight_schools(), schools_draws()
    started = eight_schools()
    start = np.full(8, 0.5)
    started.rvs_to_initial_values[started["offset"]] = start
    totals = [Densities(model, draws).totals(thinned_variables(draws)) for model in (plain, started)]
    np.testing.assert_array_equal(*totals)
    assert started.rvs_to_initial_values[started["offset"]] is start


@pytest.mark.slow
def test_a_value_of_another_name_has_its_density():
    """PyMC calls the value of an LKJCorr `corr_cholesky`; `KeyError: 'corr'` was all that was told."""
    with pm.Model() as model:
        corr = pm.LKJCorr("corr", n=2, eta=2)
        pm.MvNormal("y", mu=np.zeros(2), cov=corr, observed=EFFECTS.reshape(4, 2))
    rho = np.random.default_rng(1).uniform(-0.9, 0.9, (4, 100))
    ones = np.ones_like(rho)
    corrs = np.stack([np.stack([ones, rho], -1), np.stack([rho, ones], -1)], -1)
    draws = made(xr.Dataset({"corr": (("chain", "draw", "row", "column"), corrs)}), xr.Dataset())
    thinned = thinned_variables(draws)
    found = Densities(model, draws).log_likelihood(thinned, "y", slice(None))
    expected = [multivariate_normal(np.zeros(2), one).logpdf(EFFECTS.reshape(4, 2)) for one in corrs[0]]
    np.testing.assert_allclose(found[0], expected)


def limited(model):
    with model:
        pm.Normal("limited", 0, 1, transform=pm.distributions.transforms.Interval(0, None))


def bound(model):
    with model:
        pm.Potential("bound", pm.math.switch(model["mu"] > 0, 0.0, -1e3))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (bound, "nothing can be drawn from a potential, and the model has bound"),
        (limited, "limited has the transform Interval"),
    ],
)
def test_a_prior_that_can_not_be_drawn_from_has_no_draws(change, reason):
    model, draws = eight_schools(), schools_draws()
    change(model)
    draws.posterior["limited"] = abs(draws.posterior["mu"])
    found, reasons = described(model, draws)
    assert found["overlap"] is None
    assert found["predictive"][0]["prior"] is None
    for path in ("overlap", "predictive.0.prior"):
        assert reasons[path].startswith(f"the prior can't be drawn from: {reason}")
    assert found["predictive"][0]["quantities"]["mean"]["p_value"] is not None


def test_a_likelihood_in_a_potential_is_not_taken_for_a_weak_one():
    """It came out as a likelihood without any effect, under a strong prior."""
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 5)
        pm.Potential("likelihood", pm.logp(pm.Normal.dist(mu, ERRORS), EFFECTS).sum())
    draws = made(schools_draws().posterior[["mu"]], xr.Dataset())
    mu_draws = Quantity("mu", "μ", "Mean effect", draws.posterior["mu"].values, main=True)
    found, reasons = described(model, draws, [mu_draws])
    assert (found["loo"], found["sensitivity"]) == (None, None)
    assert reasons["sensitivity"] == (
        "the model has no observed variable, so its likelihood is not known: whether the potentials "
        "likelihood are of the prior or of the likelihood is not known"
    )


def test_beside_an_observed_variable_potentials_are_named_and_nothing_is_diagnosed():
    model, draws = eight_schools(), schools_draws()
    mu = Quantity("mu", "μ", "Mean effect", draws.posterior["mu"].values, main=True)
    plain = described(model, draws, [mu])[0]
    bound(model)
    found, reasons = described(model, draws, [mu])
    assert found["sensitivity"]["potentials"] == found["loo"]["potentials"] == ["bound"]
    assert plain["sensitivity"]["potentials"] == plain["loo"]["potentials"] == []
    one, without = (part["sensitivity"]["estimates"]["mu"] for part in (found, plain))
    assert (one["prior"], one["likelihood"], one["diagnosis"]) == (
        without["prior"],
        without["likelihood"],
        None,
    )
    assert without["diagnosis"] is not None
    assert reasons["sensitivity.diagnosis"].startswith("whether the potentials bound are of the prior or")
    derived = {**nothing_kept(), **found, "reasons": reasons | {"variables": "none are described here"}}
    assert problems_of("posterior.derived", derived) == []


def test_a_model_that_can_not_make_data_has_reasons():
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 5)
        pm.CustomDist("y", mu, logp=lambda value, mu: -((value - mu) ** 2), observed=np.arange(3.0))
    found, reasons = described(model, made(schools_draws().posterior[["mu"]], xr.Dataset()))
    assert found["loo"]["observations"] == 3
    assert found["predictive"][0]["quantities"] is None
    assert reasons["predictive.0"].startswith("data can't be drawn from the model: NotImplementedError")
    assert reasons["overlap"].startswith("the prior can't be drawn from")


def test_equal_quantities_count_half():
    checks, absences = Checks(np.array([0, 1])), Absences()
    checks.add(np.array([[0, 1], [1, 1]]))
    found = checks.found("p", absences)["quantities"]
    assert found["max"]["p_value"] == 0.5
    assert found["min"]["p_value"] == 0.75
    single = Checks(np.array([2.0]))
    single.add(np.array([[1.0], [3.0]]))
    alone = single.found("p", absences)["quantities"]["sd"]
    assert (alone["observed"], alone["p_value"]) == (None, None)
    assert set(absences.reasons) == {
        "p.quantities.sd.replicated",
        "p.quantities.sd.observed",
        "p.quantities.sd.p_value",
    }


def test_replicated_data_that_are_not_finite_have_a_reason():
    checks, absences = Checks(np.array([0.0, 1.0])), Absences()
    checks.add(np.array([[0, 1], [np.inf, 1]]))
    found = checks.found("p", absences)
    assert found["quantiles"] is None
    assert absences.reasons["p.quantiles"] == "1 of 2 replicated data sets are not finite"
    assert found["quantities"]["max"]["replicated"]["mean"] is None


def test_why_there_is_no_loo_pit():
    assert why_no_pit(np.array(2.5), ()) == "needs 3 observations"
    assert "two values" in str(why_no_pit(np.array([0, 1, 1]), (3,)))
    assert why_no_pit(np.array([0, 1, 2]), (3,)) is None


def mediated():
    """An outcome that lies exactly where its mediator says, and a model that expects noise about it."""
    mediators = np.random.default_rng(5).normal(0, 10, 40)
    with pm.Model() as model:
        level = pm.Normal("level", 0, 1)
        mediator = pm.Normal("mediator", level, 10, observed=mediators)
        pm.Normal("outcome", mediator, 1, observed=mediators)
    posterior = xr.Dataset({"level": (("chain", "draw"), np.random.default_rng(6).normal(0, 1, (2, 200)))})
    observed = xr.Dataset({"mediator": ("row", mediators), "outcome": ("row", mediators)})
    return described(model, made(posterior, observed))[0]


def test_loo_pit_of_an_outcome_goes_by_the_mediator_as_observed():
    mediator, outcome = mediated()["predictive"]
    assert (mediator["variable"], outcome["variable"]) == ("mediator", "outcome")
    # All in the middle. With mediators that are drawn as well, they would lie evenly.
    assert sum(outcome["loo_pit"]["histogram"][8:12]) == 40
    assert outcome["loo_pit"]["outside"] > 0
    assert max(mediator["loo_pit"]["histogram"]) < 10
    # Data sets are drawn as a whole.
    assert outcome["quantities"]["sd"]["replicated"]["sd"] > 0.5


def test_vectors_that_are_missing_in_part_have_no_density():
    pairs = np.ma.masked_invalid([[1.0, np.nan], [2.0, 1.5], [np.nan, 0.5], [0.0, 1.0]])
    with pm.Model() as model:
        mean = pm.Normal("mean", 0, 1)
        pm.MvNormal("pair", mean + np.zeros(2), np.array([[1, 0.9], [0.9, 1]]), observed=pairs)
    random = np.random.default_rng(6)
    posterior = xr.Dataset(
        {
            "mean": (("chain", "draw"), random.normal(1, 0.5, (2, 200))),
            "pair_unobserved": (("chain", "draw", "missing"), random.normal(1, 1, (2, 200, 2))),
        }
    )
    draws = made(posterior, xr.Dataset({"pair_observed": ("value", pairs.compressed())}))
    found, reasons = described(model, draws)
    assert (found["loo"], found["sensitivity"]) == (None, None)
    expected = "2 of 8 values of pair are missing, within vectors: the density of what was observed"
    assert reasons["loo"].startswith(expected)
    [pair] = found["predictive"]
    assert pair["loo_pit"] is None
    assert pair["quantities"]["mean"]["observed"] == 1
