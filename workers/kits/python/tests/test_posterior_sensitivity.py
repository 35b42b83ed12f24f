import arviz as az
import numpy as np
import pymc as pm
import pytest
import xarray as xr
from posterior_cases import EFFECTS, ERRORS, SCHOOLS, eight_schools, made, schools_draws, tree_of
from scipy.stats import halfcauchy, norm

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.densities import Densities
from nx_study_posterior.derive.estimates import Quantity
from nx_study_posterior.derive.loo import thinned_variables
from nx_study_posterior.derive.overlap import overlap, overlap_of, overlaps
from nx_study_posterior.derive.sensitivity import PRIOR_ONLY, STRONG_PRIOR, LogDensities, sensitivity


def quantity(values, name="mu", *, main=False):
    return Quantity(name, name, f"The quantity {name}", values, main=main)


def normal_mean(prior_mean, prior_sd, likelihood_mean=0.0, likelihood_sd=1.0, draws=1000):
    """Exact draws of a normal mean, with the logarithms of its prior and likelihood."""
    precision = prior_sd**-2 + likelihood_sd**-2
    mean = (prior_mean * prior_sd**-2 + likelihood_mean * likelihood_sd**-2) / precision
    mu = np.random.default_rng(4).normal(mean, precision**-0.5, (4, draws))
    prior = -0.5 * ((mu - prior_mean) / prior_sd) ** 2
    likelihood = -0.5 * ((mu - likelihood_mean) / likelihood_sd) ** 2
    return mu, LogDensities(prior, likelihood, ["mu"], 1)


def test_it_is_that_of_arviz():
    model, draws = eight_schools(), schools_draws()
    tree = tree_of(model, draws)
    prior, likelihood = Densities(model, draws).totals(thinned_variables(draws))
    names = ("mu", "tau")
    found = sensitivity(
        [quantity(draws.posterior[name].values, name) for name in names],
        LogDensities(prior, likelihood, ["mu", "tau", "offset"], 1),
        Absences(),
    )
    expected = az.psense_summary(tree, var_names=list(names), round_to=12)
    for name in names:
        one = found["estimates"][name]
        assert one["prior"] == pytest.approx(expected.loc[name, "prior"], abs=1e-9)
        assert one["likelihood"] == pytest.approx(expected.loc[name, "likelihood"], abs=1e-9)
        word = expected.loc[name, "diagnosis"]
        assert one["diagnosis"] == ("none" if word == "✓" else word)
    assert found["draws_used"] == 400
    assert found["scaled_priors"] == ["mu", "tau", "offset"]


def test_a_distribution_that_is_learned_is_no_scaled_prior():
    """In the centred form the schools' effects depend on μ and τ: to scale that would change the model."""
    with pm.Model(coords={"school": SCHOOLS}) as model:
        mu, tau = pm.Normal("mu", 0, 5), pm.HalfCauchy("tau", 5)
        theta = pm.Normal("theta", mu, tau, dims="school")
        pm.Normal("y", theta, ERRORS, observed=EFFECTS, dims="school")
    draws = schools_draws()
    densities = Densities(model, draws)
    assert densities.scaled == ["mu", "tau"]
    prior, _ = densities.totals(thinned_variables(draws))
    values = {name: draws.posterior[name].values for name in ("mu", "tau")}
    np.testing.assert_allclose(
        prior, norm.logpdf(values["mu"], 0, 5) + halfcauchy.logpdf(values["tau"], 0, 5)
    )


def test_draws_that_move_by_rounding_alone_overlap_with_nothing():
    stuck = 0.1 + np.tile([0, 1.4e-17], 100)
    assert overlap_of(np.random.default_rng(1).normal(size=1000), stuck) == 0.0


@pytest.mark.parametrize(
    ("prior", "diagnosis"),
    [
        ((0, 100), "none"),
        ((5, 1), "potential prior-data conflict"),
        ((0, 0.05), "potential strong prior / weak likelihood"),
    ],
)
def test_the_diagnosis_is_known_where_prior_and_data_are(prior, diagnosis):
    mu, densities = normal_mean(*prior)
    found = sensitivity([quantity(mu)], densities, Absences())
    assert found["estimates"]["mu"]["diagnosis"] == diagnosis


def test_thinned_draws_are_those_of_the_quantity():
    mu, densities = normal_mean(5, 1)
    thinned = LogDensities(densities.prior[:, ::4], densities.likelihood[:, ::4], ["mu"], 4)
    found = sensitivity([quantity(mu)], thinned, Absences())
    assert found["draws_used"] == 1000
    assert (
        found["estimates"]
        == sensitivity(
            [quantity(mu[:, ::4])], LogDensities(thinned.prior, thinned.likelihood, ["mu"], 1), Absences()
        )["estimates"]
    )


def test_what_depends_on_neither_is_not_told_from_chance():
    random = np.random.default_rng(6)
    # As spread as the log densities of some 200 parameters.
    prior, likelihood = random.normal(0, 10, (2, 4, 1000))
    densities = LogDensities(prior, likelihood, ["mu"], 1)
    others = [quantity(random.normal(size=(4, 1000)), str(index)) for index in range(40)]
    found = sensitivity(others, densities, Absences())["estimates"].values()
    # By the threshold alone, chance would be taken for a prior that matters.
    assert sum(one["prior"] >= 0.05 for one in found) > 10
    assert {one["diagnosis"] for one in found} <= {
        "none",
        "within Monte Carlo noise",
        STRONG_PRIOR,
        PRIOR_ONLY,
    }
    # Of 20 one.
    assert sum(one["diagnosis"] in (STRONG_PRIOR, PRIOR_ONLY) for one in found) <= 5


def test_chance_is_that_of_draws_that_depend_on_each_other():
    """Of a slow chain it is larger than of as many independent draws."""
    random = np.random.default_rng(7)

    def noise(correlation):
        values = random.normal(size=(2, 4, 1000))
        for draw in range(1, 1000):
            fresh = values[:, :, draw] * np.sqrt(1 - correlation**2)
            values[:, :, draw] = correlation * values[:, :, draw - 1] + fresh
        densities = LogDensities(-0.5 * values[0] ** 2, -0.5 * values[0] ** 2, ["mu"], 1)
        return sensitivity([quantity(values[1], main=True)], densities, Absences())["estimates"]["mu"][
            "noise"
        ]["prior"]

    assert noise(0.98) > 2 * noise(0.0)


def test_a_slower_quantity_has_a_chance_of_its_own():
    """By the chance of a faster main one, 25 of 40 were said to depend on the prior or the likelihood."""
    random = np.random.default_rng(8)

    def chain(correlation):
        values = random.normal(size=(4, 1000))
        for draw in range(1, 1000):
            fresh = values[:, draw] * np.sqrt(1 - correlation**2)
            values[:, draw] = correlation * values[:, draw - 1] + fresh
        return values

    found = []
    for _ in range(10):
        densities = LogDensities(-0.5 * chain(0.8) ** 2, -0.5 * chain(0.8) ** 2, ["mu"], 1)
        asked = [quantity(chain(0.5), "fast", main=True), quantity(chain(0.95), "slow")]
        found.append(sensitivity(asked, densities, Absences())["estimates"]["slow"]["diagnosis"])
    assert sum(one not in ("none", "within Monte Carlo noise") for one in found) <= 2


def test_a_flat_prior_has_no_influence():
    mu, densities = normal_mean(5, 1)
    flat = LogDensities(np.zeros_like(mu), densities.likelihood, ["mu"], 1)
    one = sensitivity([quantity(mu)], flat, Absences())["estimates"]["mu"]
    assert one["prior"] == pytest.approx(0, abs=1e-6)
    assert one["likelihood"] == pytest.approx(
        sensitivity([quantity(mu)], densities, Absences())["estimates"]["mu"]["likelihood"]
    )


def test_what_has_no_draws_of_its_own_is_left_out():
    mu, densities = normal_mean(5, 1)
    others = [quantity(0.3, "number"), quantity(None, "none"), quantity(np.ones_like(mu), "constant")]
    found = sensitivity([*others, quantity(mu)], densities, Absences())
    assert set(found["estimates"]) == {"mu"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda one: LogDensities(one.prior[:, :5], one.likelihood[:, :5], ["mu"], 1),
            "needs 100 draws; there are 20",
        ),
        (lambda one: LogDensities(one.prior, one.likelihood, [], 1), "no prior is known"),
        (
            lambda one: LogDensities(one.prior, one.likelihood / 0, ["mu"], 1),
            "the log likelihood is not finite in 4000 of",
        ),
        (
            lambda one: LogDensities(1e5 * one.prior, one.likelihood, ["mu"], 1),
            "scaling the prior leaves the weight on",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_without_it_there_is_a_reason(change, reason):
    mu, densities = normal_mean(5, 1)
    absences = Absences()
    assert sensitivity([quantity(mu)], change(densities), absences) is None
    assert reason in absences.reasons["sensitivity"]


@pytest.mark.parametrize(
    ("mean", "sd", "expected"),
    # ∫ min of the density of N(0, 1) and this one, by quadrature.
    [(0, 1, 1), (1, 1, 0.6171), (0, 0.2, 0.3529), (2, 0.5, 0.1694), (0, 0.05, 0.1118), (9, 0.1, 0)],
)
def test_the_overlap_of_normals_is_near_the_exact_one(mean, sd, expected):
    random = np.random.default_rng(5)
    found = overlap_of(random.normal(0, 1, 1000), random.normal(mean, sd, 4000))
    assert found == pytest.approx(expected, abs=0.045)


def test_a_prior_with_heavy_tails_has_its_overlap():
    random = np.random.default_rng(5)
    prior = np.abs(random.standard_cauchy(1000))
    assert overlap_of(prior, np.abs(random.standard_cauchy(4000)).clip(max=20)) > 0.8
    assert overlap_of(prior, random.normal(10, 0.5, 4000)) < 0.1


def test_a_variable_has_the_ends_of_its_elements_with_names():
    random = np.random.default_rng(5)
    posterior = xr.Dataset(
        {"b": (("chain", "draw", "group"), random.normal([0, 4], [1, 0.1], (2, 500, 2)))},
        coords={"group": ["like", "unlike"]},
    )["b"]
    found = overlap(random.normal(0, 1, (1000, 2)), posterior)
    assert (found["elements"], found["above"], found["prior_draws"]) == (2, 1, 1000)
    assert found["max"]["item"] == "b[like]"
    assert found["min"]["item"] == "b[unlike]"
    assert found["min"]["overlap"] < 0.01 < 0.9 < found["max"]["overlap"]
    assert found["mean"] == pytest.approx((found["min"]["overlap"] + found["max"]["overlap"]) / 2)


def test_what_is_no_real_number_has_no_overlap():
    random, absences = np.random.default_rng(5), Absences()
    posterior = schools_draws().posterior.assign(
        n=(("chain", "draw"), random.integers(0, 9, (4, 100))),
        bad=(("chain", "draw"), np.full((4, 100), np.nan)),
    )
    prior = {name: random.normal(0, 1, 1000) for name in ("mu", "n", "bad")}
    found = overlaps(prior, made(posterior, xr.Dataset()), absences)
    assert found["mu"]["elements"] == 1
    assert (found["n"], found["bad"]) == (None, None)
    assert absences.reasons == {
        "overlap.n": "its values are no real numbers",
        "overlap.bad": "a draw is not finite",
    }
