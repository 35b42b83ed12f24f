import dataclasses

import numpy as np
import pymc as pm
import pytest
import xarray as xr
from conftest import read_json
from small import small_draws

from ideal_point.derive.fit import fitted
from ideal_point.derive.log_prior import log_densities
from ideal_point.derive.predictive import predictive
from ideal_point.derive.priors import priors
from ideal_point.derive.votes import votes
from ideal_point.priors import Prior
from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.densities import Densities
from nx_study_posterior.derive.draws import Draws
from nx_study_posterior.derive.prior_quantiles import PROBABILITIES

FAMILIES = {
    "normal": {"distribution": "normal", "mu": 0.5, "sigma": 2},
    "lognormal": {"distribution": "lognormal", "mu": -0.2, "sigma": 0.5},
    "halfnormal": {"distribution": "halfnormal", "sigma": 1.5},
    "exp_normal": {"distribution": "exp_normal", "mu": 0.1, "sigma": 0.7},
}
NORMAL = {"distribution": "normal", "mu": 0, "sigma": 1}
FLAT = {"xi": NORMAL, "alpha": {**NORMAL, "sigma": 5}, "beta": FAMILIES["lognormal"]}
SORTED = {
    "mu_party": {**NORMAL, "mu": 1},
    "sigma_within": FAMILIES["halfnormal"],
    "alpha": NORMAL,
    "beta": NORMAL,
}


def log_density(written, values):
    return Prior.read(written).log_density(values)


def two_parties():
    draws = small_draws(priors=SORTED)
    parties = {
        name: (("chain", "draw", "party"), np.ones((4, 250, 2))) for name in ("mu_party", "sigma_within")
    }
    return dataclasses.replace(draws, posterior=draws.posterior.assign(parties))


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_a_log_density_is_that_of_the_free_variable_in_pymc(family):
    written = FAMILIES[family]
    with pm.Model() as model:
        Prior.read(written).variable("x")
        pm.Normal("y", 0, 1, observed=[0.0])
    values = np.abs(np.random.default_rng(1).normal(1, 0.5, (2, 50)))
    free = "log_x" if family == "exp_normal" else "x"
    posterior = xr.Dataset({free: (("chain", "draw"), np.log(values) if free == "log_x" else values)})
    draws = Draws(posterior, xr.Dataset(), xr.Dataset(), xr.Dataset(), {})
    expected, _ = Densities(model, draws).totals({free: posterior[free].values})
    found = log_density(written, values)
    np.testing.assert_allclose(found - found[0, 0], expected - expected[0, 0], atol=1e-9)


def test_prior_and_likelihood_of_a_draw_are_sums_over_all_that_is_scaled():
    draws = small_draws(priors=FLAT)
    found = log_densities(draws, votes(draws))
    assert found.scaled == ["xi", "alpha", "beta"]
    one = {name: draws.posterior[name].values[1, 7] for name in FLAT}
    expected = sum(log_density(FLAT[name], values).sum() for name, values in one.items())
    assert found.prior[1, 7] == pytest.approx(expected)
    member, rollcall = draws.constant["member_index"].values, draws.constant["rollcall_index"].values
    eta = one["beta"][rollcall] * one["xi"][member] - one["alpha"][rollcall]
    sign = 2 * draws.observed["y"].values - 1
    assert found.likelihood[1, 7] == pytest.approx(-np.log1p(np.exp(-sign * eta)).sum())


def test_the_spread_of_people_around_their_party_is_no_scaled_prior():
    draws = two_parties()
    assert log_densities(draws, votes(draws)).scaled == ["mu_party", "sigma_within", "alpha", "beta"]


def walked():
    """Members 4 to 6 are members 0 to 2 in a later term, member 7 is member 4 two terms after that."""
    draws = small_draws(priors={**FLAT, "tau": FAMILIES["halfnormal"]})
    constant = draws.constant.assign(
        previous=("legislator", [-1, -1, -1, -1, 0, 1, 2, 4]),
        terms_since=("legislator", [0, 0, 0, 0, 1, 1, 1, 2]),
    )
    tau = (("chain", "draw"), np.full((4, 250), 0.5))
    return dataclasses.replace(draws, posterior=draws.posterior.assign(tau=tau), constant=constant)


def test_the_position_prior_is_scaled_where_it_is_no_walk_and_no_party():
    draws = walked()
    found = log_densities(draws, votes(draws))
    assert found.scaled == ["xi", "alpha", "beta", "tau"]
    one = {name: draws.posterior[name].values[1, 7] for name in found.scaled}
    one["xi"] = one["xi"][:4]
    expected = sum(
        log_density(draws.attributes["priors"][name], values).sum() for name, values in one.items()
    )
    assert found.prior[1, 7] == pytest.approx(expected)
    draws = two_parties()
    draws.attributes["priors"] = {**SORTED, "xi": NORMAL}
    before, scaled = log_densities(two_parties(), votes(draws)).prior, log_densities(draws, votes(draws))
    assert scaled.scaled[-1] == "xi"
    independent = draws.posterior["xi"].values[:, :, 3]
    np.testing.assert_allclose(scaled.prior - before, log_density(NORMAL, independent))


def test_positions_in_two_dimensions_are_counted_once():
    draws = small_draws(priors=FLAT)
    posterior = draws.posterior.assign(
        xi_1=draws.posterior["xi"],
        xi_2=draws.posterior["xi"].isel(legislator=slice(7)).rename(legislator="free"),
    )
    draws = dataclasses.replace(draws, posterior=posterior)
    assert log_densities(draws, votes(draws)).scaled == ["xi_1", "xi_2", "alpha", "beta"]


def two_chambers():
    """Members 5 to 7 are at home in the second chamber, around a mean of 3."""
    written = {**FLAT, "mu_chamber": {**NORMAL, "mu": 3}, "sigma_chamber": FAMILIES["lognormal"]}
    draws = small_draws(priors=written, chambers=["one", "two", "three"])
    of_chamber = {
        name: (("chain", "draw", "further_chamber"), np.ones((4, 250, 1)))
        for name in ("mu_chamber", "sigma_chamber")
    }
    return dataclasses.replace(
        draws,
        # Nobody is at home in chamber two.
        posterior=draws.posterior.assign(of_chamber).assign_coords(further_chamber=["three"]),
        constant=draws.constant.assign(home=("legislator", [0] * 5 + [2] * 3)),
    )


def test_the_written_prior_of_positions_is_that_of_the_first_chamber():
    draws = two_chambers()
    xi = draws.posterior["xi"].values
    shown = {one["variable"]: one for one in priors(draws, Absences())}
    assert shown["xi"]["size"] == 5
    assert shown["xi"]["posterior_quantiles"] == np.quantile(xi[:, :, :5], PROBABILITIES).tolist()
    assert set(shown) == {"xi", "alpha", "beta", "mu_chamber", "sigma_chamber"}
    found = log_densities(draws, votes(draws))
    one = {name: draws.posterior[name].values[1, 7] for name in shown}
    one["xi"] = one["xi"][:5]
    expected = sum(
        log_density(draws.attributes["priors"][name], values).sum() for name, values in one.items()
    )
    assert found.prior[1, 7] == pytest.approx(expected)


def test_rates_by_member_and_roll_call_are_those_of_the_votes():
    draws = small_draws()
    rates = predictive(draws, fitted(draws), Absences(), "p")["rates"]
    cast, member = draws.observed["y"].values, draws.constant["member_index"].values
    assert rates["legislator"]["observed"] == [round(float(cast[member == at].mean()), 4) for at in range(8)]
    for group, size in (("legislator", 8), ("rollcall", 12)):
        one = rates[group]
        assert {len(values) for values in one.values()} == {size}
        for low, mean, high in zip(
            one["replicated_low"], one["replicated_mean"], one["replicated_high"], strict=True
        ):
            assert low <= mean <= high
    assert np.corrcoef(rates["legislator"]["observed"], rates["legislator"]["replicated_mean"])[0, 1] > 0.9


def test_the_real_measurement_learned_from_its_votes(measured):
    derived = read_json(measured / "derived.json")
    found = derived["sensitivity"]
    assert found["scaled_priors"] == ["xi", "alpha", "beta"]
    assert {"party_gap", "position_sd", "discrimination_mean"} <= set(found["estimates"])
    assert "apre" not in found["estimates"]
    assert found["estimates"]["party_gap"]["likelihood"] > found["estimates"]["party_gap"]["prior"]
    assert derived["overlap"]["alpha"]["mean"] < 0.35
    section = derived["sections"]["ideal-point"]
    assert section["prior_predictive"]["rollcalls"]["count"] == 40
