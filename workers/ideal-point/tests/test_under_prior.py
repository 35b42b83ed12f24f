"""Draws from the prior in place of a posterior: `sampler: prior`."""

import json

import numpy as np
import pytest
import xarray as xr
from conftest import SENATE, read_json, run_worker, senate, simulated, write_request
from kit_schemas import assert_written, problems_of
from small import small_draws

from ideal_point.config import read_configuration
from ideal_point.derive.derived import derive
from ideal_point.derive.draws import VoteDraws
from ideal_point.derive.prior_draws import prior_draws
from ideal_point.measure import measure
from ideal_point.models import STRUCTURES
from ideal_point.priors import Prior
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

# A model is built and derived in each.
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("own_signals")]


@pytest.fixture
def drawn(tmp_path):
    """Measures and derives in this process."""

    def run(name="run", **configuration):
        directory = write_request(tmp_path / name, {"sampler": "prior", **configuration})
        with Events(directory / "events.jsonl") as events:
            outcome = measure(Run(directory, Request.read(directory / "request.json"), events, Stop()))
        return outcome, derive(directory / "draws.nc"), read_prior(directory / "draws.nc", VoteDraws)

    return run


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


def beside(directory, prior):
    """What `derive` draws from the prior beside a posterior of the same measurement."""
    found = prior_draws(directory, prior, Absences(), "p")
    return {name: values.values[0] for name, values in found.posterior.data_vars.items()}


def is_standard(z):
    assert (z.mean(), z.std()) == pytest.approx((0, 1), abs=0.1)


def test_the_prior_of_a_flat_model_has_the_quantiles_of_its_settings(drawn, tmp_path):
    written = {
        "alpha_prior": {"distribution": "normal", "mu": 1, "sigma": 2},
        "beta_prior": {"distribution": "exp_normal", "mu": -0.2, "sigma": 0.5},
        "position_prior": NARROW,
    }
    _, _, prior = drawn(**simulated(), draws=10, **written)
    found = beside(tmp_path / "run", prior)
    for name, setting in (("alpha", "alpha_prior"), ("beta", "beta_prior"), ("xi", "position_prior")):
        assert len(found[name]) == 1000
        for probability in (0.05, 0.5, 0.95):
            exact = Prior.read(written[setting]).quantile(probability)
            assert np.quantile(found[name], probability) == pytest.approx(exact, rel=0.03, abs=0.03)


@pytest.mark.parametrize("parametrisation", ["non-centred", "centred"])
def test_means_of_parties_are_sorted_and_their_members_lie_around_them(drawn, tmp_path, parametrisation):
    # Draws of the prior refuse the setting, which is one of sampling.
    _, _, prior = drawn(**simulated(), model="hierarchical", draws=10)
    request = read_json(tmp_path / "run/request.json")
    request["configuration"] |= {"sampler": "nutpie", "parametrisation": parametrisation}
    del request["configuration"]["draws"]
    (tmp_path / "run/request.json").write_text(json.dumps(request))
    found = beside(tmp_path / "run", prior)
    means, spreads, xi = found["mu_party"], found["sigma_within"], found["xi"]
    assert (means[:, 0] < means[:, 1]).all()
    party = prior.constant["party"].values
    for at, name in enumerate(prior.party_pair):
        is_standard((xi[:, party == name] - means[:, [at]]) / spreads[:, [at]])


def test_anchors_share_their_second_position(drawn, tmp_path):
    _, _, prior = drawn(**simulated(), model="two-dimensional", draws=10)
    ids = prior.posterior["legislator"].values.tolist()
    one, other = (ids.index(anchor) for anchor in prior.attributes["notes"]["anchors"])
    first, second = (beside(tmp_path / "run", prior)["xi"][:, :, at] for at in (0, 1))
    assert (second[:, one] == second[:, other]).all()
    assert (first[:, one] != first[:, other]).all()
    is_standard(first)
    is_standard(np.delete(second, other, axis=1))


def test_positions_of_a_further_chamber_lie_around_its_mean(drawn, tmp_path):
    shift = {"distribution": "normal", "mu": 3, "sigma": 1}
    _, _, prior = drawn(**OF_STRUCTURE["joint"], model="joint", draws=10, shift_prior=shift)
    found, home = beside(tmp_path / "run", prior), prior.constant["home"].values
    is_standard(found["mu_chamber"] - 3)
    is_standard((found["xi"][:, home == 1] - found["mu_chamber"]) / found["sigma_chamber"])
    is_standard(found["xi"][:, home == 0])


def test_positions_of_later_terms_walk_from_the_first(drawn, tmp_path):
    _, _, prior = drawn(**OF_STRUCTURE["dynamic"], model="dynamic", draws=10)
    found = beside(tmp_path / "run", prior)
    previous, terms = (prior.constant[name].values for name in ("previous", "terms_since"))
    xi, later = found["xi"], previous >= 0
    assert later.sum() > 50
    is_standard(xi[:, ~later])
    steps = xi[:, later] - xi[:, previous[later]]
    is_standard(steps / (found["tau"][:, None] * np.sqrt(terms[later])))


@pytest.mark.parametrize("model", STRUCTURES)
def test_every_structure_has_its_prior_beside_its_posterior(drawn, tmp_path, model):
    """A posterior that is the prior: what it learned is nothing."""
    _, _, prior = drawn(**OF_STRUCTURE[model], model=model, draws=400)
    derived = derive(as_posterior(tmp_path / "run"))
    assert problems_of("posterior.derived", derived) == []
    written = set(prior.attributes["priors"])
    assert set(derived["overlap"]) == {one["variable"] for one in derived["priors"]} == written
    for name, one in derived["overlap"].items():
        # That of equal distributions is about 0.97, and less of 400 draws.
        assert one["mean"] > 0.9, name
    for one in derived["priors"]:
        spread = one["prior_quantiles"][-1] - one["prior_quantiles"][0]
        few = 0.25 if one["size"] < 10 else 0.1
        assert np.allclose(one["prior_quantiles"], one["posterior_quantiles"], atol=few * spread)
    section = derived["sections"]["ideal-point"]
    assert section["prior_predictive"]["draws_used"] == 500
    for name, party in section["prior_predictive"]["by_party"].items():
        assert "correct_share" not in party
        replicated = section["predictive"]["by_party"][name]["replicated_mean"]
        assert party["replicated_mean"] == pytest.approx(replicated, abs=0.08)


def as_posterior(directory):
    """The file of draws with those from the prior as a posterior of two chains."""
    with xr.open_datatree(directory / "draws.nc", engine="h5netcdf") as tree:
        groups = {name: node.to_dataset().load() for name, node in tree.children.items()}
        attributes = dict(tree.attrs)
    drawn = groups.pop("prior").isel(chain=0, drop=True)
    half = drawn.sizes["draw"] // 2
    chains = [drawn.isel(draw=slice(at, at + half)).assign_coords(draw=range(half)) for at in (0, half)]
    groups["posterior"] = xr.concat(chains, "chain").assign_coords(chain=[0, 1])
    groups["sample_stats"] = small_draws(chains=2, draws=half).statistics
    other = xr.DataTree.from_dict(groups)
    other.attrs = {**attributes, "sampler": json.dumps({"max_treedepth": 10, "keep": "all"})}
    other.to_netcdf(directory / "as-posterior.nc", engine="h5netcdf")
    return directory / "as-posterior.nc"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"votes": "nowhere.csv"}, "nowhere.csv"),
        ({"sample": {"rollcalls": 8, "seed": 2}}, "the votes have changed since the draws were made"),
    ],
)
def test_without_the_votes_of_then_what_needs_the_prior_is_null(drawn, tmp_path, change, reason):
    drawn(**simulated(), draws=200)
    path = as_posterior(tmp_path / "run")
    request = read_json(tmp_path / "run/request.json")
    request["configuration"] |= change
    (tmp_path / "run/request.json").write_text(json.dumps(request))
    derived = derive(path)
    assert derived["sections"]["ideal-point"]["prior_predictive"] is None
    assert derived["overlap"] is None
    for place in ("overlap", "sections.ideal-point.prior_predictive"):
        assert reason in derived["reasons"][place]
    assert derived["estimates"]["position_sd"]["mean"] > 0
    assert derived["priors"]


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
