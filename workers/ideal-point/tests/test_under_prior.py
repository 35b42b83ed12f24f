"""Draws from the prior in place of a posterior: `sampler: prior`."""

import numpy as np
import pytest
import xarray as xr
from conftest import SENATE, read_json, run_worker, senate, simulated, write_request
from kit_schemas import assert_written, problems_of

from ideal_point.config import read_configuration
from ideal_point.derive.derived import derive
from ideal_point.derive.draws import VoteDraws
from ideal_point.derive.prior_draws import prior_draws
from ideal_point.measure import measure
from ideal_point.models import STRUCTURES
from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.draws import read_prior
from nx_study_worker import Run, Unsupported
from nx_study_worker.events import Events
from nx_study_worker.request import Request
from nx_study_worker.stop import Stop

SHARED = {
    "linked": [{key: str(SENATE / f"senate-106.{key}.csv") for key in ("votes", "legislators")}],
    "sample": {"rollcalls": 12},
}
OF_STRUCTURE = {
    "flat": simulated(),
    "hierarchical": simulated(),
    "rasch": simulated(polarity="party"),
    "two-dimensional": simulated(),
    "joint": senate(**SHARED),
    "dynamic": senate(**SHARED),
}
NARROW = {"distribution": "normal", "mu": 0, "sigma": 0.5}

pytestmark = pytest.mark.usefixtures("own_signals")


@pytest.fixture
def drawn(tmp_path):
    """Measures and derives in this process."""

    def run(name="run", **configuration):
        directory = write_request(tmp_path / name, {"sampler": "prior", **configuration})
        with Events(directory / "events.jsonl") as events:
            outcome = measure(Run(directory, Request.read(directory / "request.json"), events, Stop()))
        return outcome, derive(directory / "draws.nc"), read_prior(directory / "draws.nc", VoteDraws)

    return run


@pytest.mark.slow
def test_a_run_writes_draws_of_the_prior_and_nothing_of_a_posterior(tmp_path):
    directory = run_worker(write_request(tmp_path / "run", simulated(sampler="prior", draws=400)))
    run_worker(directory, "derive", directory / "derived.json")
    assert_written(directory)
    result, derived = (read_json(directory / f"{name}.json") for name in ("result", "derived"))
    assert problems_of("posterior.payload", result["payload"]) == []
    assert problems_of("posterior.derived", derived) == []
    assert result["payload"]["sampler"] == {"name": "prior", "chains": None, "tune": None, "draws": 400}
    assert derived["loo"] is None
    assert not {"estimates", "predictive", "priors", "convergence"} & derived.keys()
    section = derived["sections"]["ideal-point"]
    assert set(section) == {"prior_predictive", "prior_members", "prior_rollcalls"}
    assert "correct_share" not in section["prior_predictive"]["by_party"]["D"]
    run_worker(directory, "derive", directory / "again.json")
    assert read_json(directory / "again.json") == derived


@pytest.mark.parametrize("model", STRUCTURES)
def test_every_structure_can_be_drawn_from(drawn, model):
    outcome, derived, prior = drawn(**OF_STRUCTURE[model], model=model, draws=200)
    assert problems_of("posterior.derived", derived) == []
    found = derived["prior"]
    assert [one["variable"] for one in found["variables"]] == list(prior.posterior.data_vars)
    assert all(one["quantiles"] is not None for one in found["variables"])
    assert found["estimates"]["position_sd"]["value"] > 0
    assert outcome.payload["observations"] == len(prior.observed["y"])


@pytest.mark.parametrize("model", ["flat", "two-dimensional", "dynamic"])
def test_under_symmetric_priors_half_of_the_votes_are_yea(drawn, model):
    """A set of votes has a share whose mean is 1/2; its error follows from its spread over the sets."""
    _, derived, _ = drawn(**OF_STRUCTURE[model], model=model, draws=400, alpha_prior=NARROW)
    found, rate = (
        derived["sections"]["ideal-point"]["prior_predictive"],
        derived["prior"]["estimates"]["yea_rate"],
    )

    def error(low, high):
        return (high - low) / 3.29 / np.sqrt(found["draws_used"])

    assert abs(rate["value"] - 0.5) < 4 * 1.25 * error(rate["quantiles"][0], rate["quantiles"][-1])
    for party in found["by_party"].values():
        assert abs(party["replicated_mean"] - 0.5) < 4 * error(*party["replicated_eti90"])


def test_a_shifted_prior_of_difficulties_moves_the_share_as_computed(drawn):
    """E[logit⁻¹(β ξ − α)] over independent normal β, ξ and α, by a sum over a grid of draws."""
    shifted = {"distribution": "normal", "mu": -2, "sigma": 1}
    _, derived, _ = drawn(**simulated(), draws=400, alpha_prior=shifted)
    random = np.random.default_rng(1)
    xi, beta, alpha = random.normal(0, 1, (3, 400_000)) + np.array([[0], [0], [-2]])
    expected = float((1 / (1 + np.exp(alpha - beta * xi))).mean())
    parties = derived["sections"]["ideal-point"]["prior_predictive"]["by_party"]
    rates = [party["replicated_mean"] for party in parties.values()]
    # 40 roll calls share their difficulty: about 0.2 / √40 for one set of votes, and 400 of them.
    assert np.allclose(rates, expected, atol=4 * 0.04 / np.sqrt(400))


def test_the_rates_have_the_names_of_members_and_roll_calls(drawn):
    _, derived, prior = drawn(**simulated(), draws=50)
    section = derived["sections"]["ideal-point"]
    assert [one["legislator"] for one in section["prior_members"]] == prior.posterior[
        "legislator"
    ].values.tolist()
    assert [one["rollcall"] for one in section["prior_rollcalls"]] == prior.posterior[
        "rollcall"
    ].values.tolist()
    votes, member = prior.observed["y"].values, prior.constant["member_index"].values
    first = section["prior_members"][0]
    assert first["observed"] == pytest.approx(votes[member == 0].mean(), abs=1e-4)
    assert first["replicated_low"] <= first["replicated_mean"] <= first["replicated_high"]


def test_what_has_no_side_is_null_and_what_needs_none_is_known(drawn):
    _, flat, _ = drawn("flat", **simulated(), draws=100)
    estimates = flat["prior"]["estimates"]
    for name in ("party_gap", "party_mean.D", "party_mean.R"):
        assert estimates[name]["value"] is None
        assert "no side" in flat["reasons"][f"prior.estimates.{name}"]
    assert 0 < estimates["party_variance_share"]["value"] < 0.2
    assert not {"pc1_correlation", "correct_share", "apre"} & estimates.keys()
    _, sorted_means, _ = drawn("hierarchical", **simulated(), model="hierarchical", draws=400)
    assert sorted_means["prior"]["estimates"]["party_gap"]["value"] > 0.3


@pytest.mark.parametrize("model", ["flat", "hierarchical", "joint"])
def test_the_model_and_the_formulas_of_derive_draw_the_same_prior(drawn, model):
    """`derive` of a posterior has formulas of its own, as it has no model: two ways, one distribution."""
    _, _, prior = drawn(**OF_STRUCTURE[model], model=model, draws=1000)
    other = prior_draws(prior, Absences(), "p")
    for name, values in other.posterior.data_vars.items():
        one = prior.posterior[name].values[0].reshape(1000, -1)
        two = values.values[0].reshape(1000, -1)
        low, middle, high = np.quantile(two, [0.25, 0.5, 0.75])
        found = np.quantile(one, [0.25, 0.5, 0.75])
        # With 1,000 draws of one number a quartile is known to 0.06 of the distance between the two.
        assert np.allclose(found, [low, middle, high], atol=0.25 * (high - low)), name


def test_a_draw_that_is_not_finite_leaves_numbers_out_with_the_reason(tmp_path, drawn):
    drawn(**simulated(), draws=50)
    path = tmp_path / "run/draws.nc"
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        tree = tree.load()
    tree["prior"]["alpha"][0, 3, 0] = np.inf
    tree.to_netcdf(tmp_path / "broken.nc", engine="h5netcdf")
    derived = derive(tmp_path / "broken.nc")
    assert derived["sections"]["ideal-point"] == {"prior_predictive": None}
    assert "not finite" in derived["reasons"]["sections.ideal-point.prior_predictive"]
    [alpha] = [one for one in derived["prior"]["variables"] if one["variable"] == "alpha"]
    assert alpha["quantiles"] is None
    assert "1 of 2000 numbers" in derived["reasons"]["prior.variables.1.quantiles"]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("chains", 2),
        ("tune", 500),
        ("target_accept", 0.9),
        ("adaptation", "low_rank"),
        ("simulate", "prior"),
        ("parametrisation", "centred"),
    ],
)
def test_settings_of_chains_are_refused(setting, value):
    configuration = simulated(model="hierarchical", sampler="prior", **{setting: value})
    with pytest.raises(Unsupported, match=f"^{setting}: "):
        read_configuration(configuration)
