"""Numbers that figures of a report are drawn from: ranks, energy, priors, predictive checks."""

import numpy as np
import pytest
from conftest import read_json
from scipy import stats
from small import PARTIES, small_draws

from ideal_point.derive.fit import fitted
from ideal_point.derive.predictive import predictive
from ideal_point.derive.priors import priors
from ideal_point.derive.votes import votes
from ideal_point.priors import Prior
from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.convergence import convergence
from nx_study_posterior.derive.diagnostics import diagnose
from nx_study_posterior.derive.prior_quantiles import PROBABILITIES


def test_ranks_are_counted_by_chain_over_all_draws():
    draws = small_draws(chains=2, draws=100)
    values = np.concatenate([np.arange(100.0), 100 + np.arange(100.0)]).reshape(2, 100)
    variables = diagnose(draws, Absences())["variables"]
    found = convergence(draws, {"apart": values}, variables, Absences())
    first, worst = found["ranks"]
    assert first == {"label": "apart", "bins": 20, "counts": [[10] * 10 + [0] * 10, [0] * 10 + [10] * 10]}
    name = max(("xi", "alpha", "beta"), key=lambda name: variables[name]["rhat_max"])
    assert worst["label"].startswith(f"{name}[")
    assert np.sum(worst["counts"], axis=0).tolist() == [10] * 20
    assert found["divergences"] == draws.statistics["diverging"].values.sum(axis=1).tolist()


def test_energy_is_counted_by_chain():
    draws = small_draws()
    energy = draws.statistics["energy"].values
    found = convergence(draws, {}, diagnose(draws, Absences())["variables"], Absences())["energy"]
    edges = np.linspace(found["from"], found["to"], found["bins"] + 1)
    marginal, change = energy - energy.mean(), np.diff(energy, axis=1)
    assert found["from"] == min(marginal.min(), change.min())
    assert found["to"] == max(marginal.max(), change.max())
    assert found["marginal"] == [np.histogram(chain, edges)[0].tolist() for chain in marginal]
    assert np.sum(found["transition"], axis=1).tolist() == [249] * 4


def test_one_draw_has_no_change_of_energy():
    draws, absences = small_draws(draws=1), Absences()
    variables = diagnose(draws, Absences())["variables"]
    assert convergence(draws, {}, variables, absences)["energy"] is None
    assert "convergence.energy" in absences.reasons


@pytest.mark.parametrize(
    ("prior", "distribution"),
    [
        ({"distribution": "normal", "mu": 1, "sigma": 2}, stats.norm(1, 2)),
        ({"distribution": "lognormal", "mu": 0.3, "sigma": 0.5}, stats.lognorm(0.5, scale=np.exp(0.3))),
        ({"distribution": "exp_normal", "mu": 0.3, "sigma": 0.5}, stats.lognorm(0.5, scale=np.exp(0.3))),
        ({"distribution": "halfnormal", "sigma": 1.5}, stats.halfnorm(scale=1.5)),
    ],
)
def test_quantiles_of_priors_are_those_of_scipy(prior, distribution):
    found = [Prior.read(prior).quantile(probability) for probability in PROBABILITIES]
    assert found == pytest.approx(distribution.ppf(PROBABILITIES).tolist(), rel=1e-12, abs=1e-12)


def test_a_prior_stands_beside_the_posterior_of_all_its_elements():
    draws = small_draws()
    xi, beta = priors(draws, Absences())
    assert (xi["variable"], xi["size"], beta["variable"], beta["size"]) == ("xi", 8, "beta", 12)
    assert beta["posterior_quantiles"] == np.quantile(draws.posterior["beta"].values, PROBABILITIES).tolist()


def checked(draws, absences=None):
    return predictive(draws, fitted(draws), absences or Absences(), "path")


def test_predictive_checks_count_what_was_cast():
    draws = small_draws(draws=25)  # fewer than are used at most: all of them
    votes = draws.observed["y"].values
    member, rollcall = draws.constant["member_index"].values, draws.constant["rollcall_index"].values
    found = checked(draws)
    assert found == checked(small_draws(draws=25))  # no chance from one time to the next
    xi, alpha, beta = (draws.posterior[name].values.reshape(100, -1) for name in ("xi", "alpha", "beta"))
    eta = beta[:, rollcall] * xi[:, member] - alpha[:, rollcall]
    probability = (1 / (1 + np.exp(-eta))).mean(axis=0)
    hit = (probability > 0.5) == (votes == 1)
    party = np.array(PARTIES)[member]
    assert found["draws_used"] == 100
    for name in ("D", "I", "R"):
        one = found["by_party"][name]
        assert one["votes"] == (party == name).sum()
        assert one["observed_share"] == pytest.approx(votes[party == name].mean())
        assert one["correct_share"] == pytest.approx(hit[party == name].mean())
        noise = 4 * np.sqrt(0.25 / one["votes"] / 100)
        assert one["replicated_mean"] == pytest.approx(probability[party == name].mean(), abs=noise)
    assert found["correct_share"]["rollcall"] == pytest.approx(
        [hit[rollcall == index].mean() for index in range(12)]
    )
    assert found["legislators"]["count"] == 8


def test_votes_that_no_draw_predicts_stick_out():
    draws = small_draws()
    member = draws.constant["member_index"].values
    draws.observed["y"].values[member == 0] = 1  # the member at the negative end
    assert checked(draws)["legislators"]["outside_eti90"] >= 1
    assert checked(draws)["correct_share"]["legislator"][0] < 0.5


def test_a_draw_that_is_not_finite_leaves_no_check():
    draws, absences = small_draws(), Absences()
    draws.posterior["beta"].values[0, 0, 0] = np.nan
    assert checked(draws, absences) is None
    assert absences.reasons == {"path": "a draw is not finite"}


def test_a_measurement_of_simulated_votes_is_predicted(measured):
    found = read_json(measured / "derived.json")["sections"]["ideal-point"]["predictive"]
    assert found["rollcalls"]["outside_eti90"] <= 4  # of 40; of the votes that it was fitted to
    for one in found["by_party"].values():
        low, high = one["replicated_eti90"]
        assert low - 0.02 < one["observed_share"] < high + 0.02


def test_two_members_with_one_name_are_told_apart_by_their_id():
    draws = small_draws()
    draws.constant["name"].values[:] = [*(["NELSON"] * 2), *draws.constant["name"].values[2:]]
    assert draws.names[:3] == ["NELSON (m0)", "NELSON (m1)", str(draws.constant["name"].values[2])]
    assert votes(draws).label(0).startswith("NELSON (m")
