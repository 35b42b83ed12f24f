import dataclasses

import arviz as az
import numpy as np
import pytest
import xarray as xr
from conftest import read_json
from loo_by_arviz import assert_each_is_that_of_arviz
from small import small_draws

from ideal_point.derive.basis import basis, observed_sha256
from ideal_point.derive.fit import log_likelihood
from ideal_point.derive.votes import votes
from nx_study_posterior.derive import loo as module
from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.loo import loo as loo_of


def loo(draws, absences):
    return loo_of(draws, votes(draws), absences)


def by_arviz(posterior, log_lik):
    return az.loo(tree_of(posterior, log_lik), pointwise=True)


def tree_of(posterior, log_lik):
    return xr.DataTree.from_dict(
        {"posterior": posterior, "log_likelihood": xr.Dataset({"y": (("chain", "draw", "cell"), log_lik)})}
    )


def whole_log_likelihood(draws):
    member, rollcall = draws.constant["member_index"].values, draws.constant["rollcall_index"].values
    xi, alpha, beta = (draws.posterior[name].values for name in ("xi", "alpha", "beta"))
    eta = beta[:, :, rollcall] * xi[:, :, member] - alpha[:, :, rollcall]
    return log_likelihood(draws.observed["y"].values, eta)


def test_it_is_that_of_arviz_over_all_observations_at_once(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 7_000)  # 7 observations of 1,000 draws
    draws = small_draws()
    found = loo(draws, Absences())
    expected = assert_each_is_that_of_arviz(found, tree_of(draws.posterior, whole_log_likelihood(draws)), "y")
    assert found["elpd_loo"] == pytest.approx(expected.elpd, rel=1e-12)
    assert found["se"] == pytest.approx(expected.se, rel=1e-12)
    assert found["p_loo"] == pytest.approx(expected.p, rel=1e-9)
    assert found["pareto_k"]["limit"] == pytest.approx(expected.good_k)
    assert found["pareto_k"]["above"] == (expected.pareto_k.values > expected.good_k).sum()
    assert found["pareto_k"]["max"] == pytest.approx(float(expected.pareto_k.max()))
    assert found["observations"] == draws.observed.sizes["cell"] > 7
    assert found["left_out"] == "one vote"


def test_many_draws_are_thinned_evenly_within_their_chains(monkeypatch):
    monkeypatch.setattr(module, "DRAWS_WANTED", 200)
    draws = small_draws()
    thinned = dataclasses.replace(draws, posterior=draws.posterior.isel(draw=slice(None, None, 5)))
    found = loo(draws, Absences())
    assert found["draws_used"] == 200
    expected = by_arviz(thinned.posterior, whole_log_likelihood(thinned))
    assert found["elpd_loo"] == pytest.approx(expected.elpd, rel=1e-12)


def test_the_real_measurement_agrees_with_arviz(measured):
    found = read_json(measured / "derived.json")["loo"]
    with xr.open_datatree(measured / "draws.nc", engine="h5netcdf") as tree:
        posterior = tree["posterior"].to_dataset().load()
        member, rollcall = (tree["constant_data"][name].values for name in ("member_index", "rollcall_index"))
        votes = tree["observed_data"]["y"].values
    xi, alpha, beta = (posterior[name].values for name in ("xi", "alpha", "beta"))
    eta = beta[:, :, rollcall] * xi[:, :, member] - alpha[:, :, rollcall]
    expected = by_arviz(posterior, log_likelihood(votes, eta))
    assert found["elpd_loo"] == pytest.approx(expected.elpd, rel=1e-9)
    assert (
        found["observed_sha256"] == read_json(measured / "result.json")["payload"]["data"]["observed_sha256"]
    )


def test_the_same_draws_have_no_difference():
    one, other = (loo(small_draws(), Absences()) for _ in range(2))
    assert one == other


def test_an_observation_that_importance_sampling_cannot_leave_out_is_named():
    draws = small_draws(draws=100)
    # One member's position is nearly unknown to the posterior: a few draws carry all the weight.
    draws.posterior["xi"].values[:, :, 0] *= np.exp(np.random.default_rng(3).normal(0, 2, (4, 100)))
    found = loo(draws, Absences())
    assert found["pareto_k"]["above"] == len(found["pareto_k"]["worst"]) > 0
    assert found["pareto_k"]["worst"][0]["item"].startswith("Member 0, r")


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ({"DRAWS_NEEDED": 5000}, "needs 5000 draws; there are 1000"),
        ({"OBSERVATIONS_MAX": 10}, "observations are more than the 10 that it is computed for"),
    ],
)
def test_without_it_there_is_a_reason(monkeypatch, limit, reason):
    for name, value in limit.items():
        monkeypatch.setattr(module, name, value)
    absences = Absences()
    assert loo(small_draws(), absences) is None
    assert reason in absences.reasons["loo"]


def test_too_many_pointwise_values_are_left_out_with_a_reason(monkeypatch):
    monkeypatch.setattr(module, "POINTWISE_MAX", 10)
    absences = Absences()
    found = loo(small_draws(), absences)
    assert np.isfinite([found["elpd_loo"], found["ess_min"]]).all()
    for name in module.DECIMALS:
        assert found[name] is None
        assert "more than the 10 that are kept" in absences.reasons[f"loo.{name}"]


def test_a_draw_that_is_not_finite_leaves_none():
    draws, absences = small_draws(), Absences()
    draws.posterior["beta"].values[1, 7, 0] = np.nan
    assert loo(draws, absences) is None
    assert "is not finite" in absences.reasons["loo"]


def test_the_basis_tells_other_votes_from_another_coding():
    draws = small_draws()
    first = basis(draws)
    assert basis(small_draws(seed=2)) == first  # other draws of the same votes
    recoded = dataclasses.replace(draws, constant=draws.constant.assign(recoded=~draws.constant["recoded"]))
    recoded.observed["y"].values[:] = 1 - recoded.observed["y"].values
    changed = basis(recoded)
    assert {name for name in first if first[name] != changed[name]} == {"coding"}
    assert observed_sha256(recoded) != observed_sha256(small_draws())
    other = small_draws()
    other.observed["y"].values[0] = 1 - other.observed["y"].values[0]
    assert {name for name in first if first[name] != basis(other)[name]} == {"votes"}
    fresh = small_draws()
    moved = fresh.constant.assign(party=("legislator", fresh.constant["party"].values[::-1].copy()))
    swapped = basis(dataclasses.replace(fresh, constant=moved))
    assert {name for name in first if first[name] != swapped[name]} == {"parties"}
    turned = basis(small_draws(parties=["R", "D"], start_oriented_by="party D positive"))
    assert {name for name in first if first[name] != turned[name]} == {"parties", "scale"}
