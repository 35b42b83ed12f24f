"""Draws from the prior in place of a posterior: `sampler: prior`."""

import json

import numpy as np
import pymc as pm
import pytest
import xarray as xr
from conftest import (
    Y,
    measured_and_derived,
    normal_model,
    read_events,
    read_json,
    run_worker,
    start_worker,
    write_request,
)
from kit_schemas import assert_written, problems_of

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.by_model import described_by_model
from nx_study_posterior.derive.draws import Draws
from nx_study_posterior.derive.replicated import PRIOR_DRAWS, from_parameters, from_prior
from nx_study_posterior.prior import draw_prior
from nx_study_posterior.stopwatch import Stopwatch
from nx_study_worker import Run, Unsupported
from nx_study_worker.events import Events
from nx_study_worker.request import Request
from nx_study_worker.stop import Stop
from pymc_worker.config import read_configuration
from pymc_worker.derive.derived import derive
from pymc_worker.doctor import look

ORDERED = pm.distributions.transforms.ordered
DRAWS = 2_000


def of_prior(folder, **changes):
    """The configuration of NORMAL with `sampler: prior`."""
    configuration = {**normal_model(folder), "sampler": "prior", "draws": DRAWS, **changes}
    return {name: value for name, value in configuration.items() if name not in ("chains", "tune")}


def normal(prior_sd=10.0):
    with pm.Model(coords={"row": list("abcde")}) as model:
        mean = pm.Normal("mean", 0, prior_sd)
        pm.Deterministic("twice", 2 * mean)
        pm.Normal("y", mean, 1.0, observed=Y, dims="row")
    return model


@pytest.fixture
def draw(tmp_path):
    def run(model, count, seed=1):
        path = tmp_path / "request.json"
        if not path.exists():
            write_request(tmp_path, {"model": str(tmp_path / "model.py")})
        path.write_text(json.dumps({**json.loads(path.read_text()), "seed": seed}))
        with Events(tmp_path / "events.jsonl") as events:
            task = Run(tmp_path, Request.read(path), events, Stop())
            return draw_prior(task, Stopwatch(task), model, count)

    return run


@pytest.fixture(scope="module")
def measured_prior(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prior")
    return measured_and_derived(write_request(folder / "run", of_prior(folder / "models")))


def within(found, expected, error, errors=4):
    assert abs(found - expected) < errors * error, (found, expected, error)


@pytest.mark.slow
def test_a_run_writes_draws_of_the_prior_and_nothing_of_a_posterior(measured_prior):
    result, derived = (read_json(measured_prior / f"{name}.json") for name in ("result", "derived"))
    assert_written(measured_prior)
    payload = result["payload"]
    assert problems_of("posterior.payload", payload) == []
    assert problems_of("posterior.derived", derived) == []
    assert payload["sampler"] == {"name": "prior", "chains": None, "tune": None, "draws": DRAWS}
    for path in ("sampler.chains", "sampler.tune", "timings.compile_s", "timings.sample_s"):
        assert "no sampler was compiled or run" in payload["reasons"][path]
    assert payload["parameters"] == 6
    assert [event["phase"] for event in read_events(measured_prior) if event["event"] == "phase"] == [
        *("importing", "reading", "building", "drawing", "writing")
    ]
    of_posterior = ("divergences", "ebfmi", "ebfmi_min", "tree_depth", "gradients", "draws_kept", "loo")
    for name in (*of_posterior, "overlap", "sensitivity"):
        assert derived[name] is None
        assert "no posterior was sampled" in derived["reasons"][name]
    assert derived["variables"] == {}
    assert not {"estimates", "predictive", "priors", "convergence", "loo_by"} & derived.keys()


@pytest.mark.slow
def test_quantiles_and_data_sets_are_those_of_the_model(measured_prior):
    """Mean ~ Normal(0, 10), so the mean of five values has the sd √(10² + 1/5), and one value √(10² + 1)."""
    found = read_json(measured_prior / "derived.json")["prior"]
    assert found["draws"] == DRAWS
    mean, offset = found["variables"]
    assert (mean["variable"], mean["size"], mean["prior"]) == ("mean", 1, {"distribution": "Normal(0, 10)"})
    assert (offset["variable"], offset["size"]) == ("offset", 5)
    # The error of a quantile is √(p (1 − p) / n) / density.
    for at, (expected, density) in enumerate([(-1.645, 0.103), (-0.674, 0.318), (0.0, 0.399)]):
        probability = (0.05, 0.25, 0.5)[at]
        error = 10 * np.sqrt(probability * (1 - probability) / DRAWS) / density
        within(mean["quantiles"][at], 10 * expected, error)
    twice, whole = found["estimates"]["twice"], found["estimates"]["a_mean"]
    assert (twice["label"], twice["unit"], twice["main"]) == ("2 × mean", "m", True)
    assert twice["quantiles"] == pytest.approx([2 * value for value in mean["quantiles"]])
    assert twice["value"] == twice["quantiles"][2]
    assert whole["quantiles"] is None
    within(whole["value"], 0, 10 / np.sqrt(DRAWS))
    [data] = found["predictive"]
    assert (data["variable"], data["observations"], data["draws_used"]) == ("y", 5, DRAWS)
    replicated = data["quantities"]["mean"]["replicated"]
    spread = np.sqrt(100 + 1 / 5)
    within(replicated["mean"], 0, spread / np.sqrt(DRAWS))
    within(replicated["sd"], spread, spread / np.sqrt(2 * DRAWS))
    assert data["quantities"]["mean"]["observed"] == pytest.approx(np.mean(Y))
    within(data["quantities"]["mean"]["p_value"], 1 - 0.571, np.sqrt(0.25 / DRAWS))  # Φ(1.8 / 10.01)
    assert found["estimates"]["data_mean.y"]["quantiles"][0] == pytest.approx(replicated["eti90"][0])


@pytest.mark.slow
def test_deriving_again_gives_the_same_and_other_data_are_refused(measured_prior):
    again = measured_prior / "again.json"
    run_worker(measured_prior, "derive", again)
    assert read_json(again) == read_json(measured_prior / "derived.json")
    table = measured_prior.parent / "models/table.csv"
    before = table.read_text()
    table.write_text(before.replace("1.0", "1.5"))
    try:
        process = start_worker(measured_prior, "derive", again)
        assert process.wait(timeout=300) == 1
        assert "changed since the draws were made" in (measured_prior / "worker.log").read_text()
    finally:
        table.write_text(before)


@pytest.mark.slow
def test_arviz_opens_the_draws_as_a_prior(measured_prior):
    with xr.open_datatree(measured_prior / "draws.nc", engine="h5netcdf") as tree:
        assert set(tree.children) == {"prior", "observed_data", "constant_data", "quantities"}
        assert dict(tree["prior"].sizes) == {"chain": 1, "draw": DRAWS, "row": 5}


def test_experiments_share_their_random_numbers_and_more_draws_begin_with_the_fewer(draw):
    narrow, wide = draw(normal(1.0), 50), draw(normal(10.0), 80)
    assert narrow.parameters == 1
    assert np.allclose(10 * narrow.values["mean"].values, wide.values["mean"].values[:, :50])
    assert np.allclose(2 * wide.values["mean"], wide.values["twice"])
    assert not np.allclose(draw(normal(1.0), 50, seed=2).values["mean"], narrow.values["mean"])


def test_a_model_without_data_or_deterministic_variables_has_draws_all_the_same(draw):
    with pm.Model() as model:
        pm.HalfNormal("s", 2, shape=(2, 3))
    drawn = draw(model, 400)
    assert drawn.parameters == 6
    assert drawn.values["s"].dims == ("chain", "draw", "s_dim_0", "s_dim_1")
    within(float(drawn.values["s"].mean()), 2 * np.sqrt(2 / np.pi), 2 * 0.603 / np.sqrt(2400))


def test_data_sets_are_drawn_for_each_of_the_parameters():
    drawn = {"mean": np.array([0.0, 100.0, -100.0])}
    [part] = from_parameters(normal(), drawn, ["y"])
    assert part["y"].shape == (3, 5)
    assert np.allclose(part["y"].mean(axis=1), drawn["mean"], atol=5)


def test_deterministic_variables_are_those_of_the_same_draws():
    [part] = from_prior(normal(), ["mean", "twice"], [])
    assert part["mean"].shape == (PRIOR_DRAWS,)
    assert np.array_equal(part["twice"], 2 * part["mean"])
    # Those of data beside them are the same.
    [with_data] = from_prior(normal(), ["mean"], ["y"])
    assert np.array_equal(with_data["mean"], part["mean"])
    assert with_data["y"].shape == (PRIOR_DRAWS, 5)


def test_prior_data_of_ordered_variables_are_of_ordered_draws():
    """Of two standard normal numbers the smaller has the mean −1/√π: unsorted draws would have 0."""
    with pm.Model() as model:
        cut = pm.Normal("cut", 0, 1, shape=2, transform=ORDERED, initval=[-1.0, 1.0])
        pm.Normal("y", cut[0], 0.1, observed=[0.0])
    [part] = from_prior(model, ["cut"], ["y"])
    assert (np.diff(part["cut"]) > 0).all()
    within(float(part["y"].mean()), -1 / np.sqrt(np.pi), 0.83 / np.sqrt(PRIOR_DRAWS))


def test_checks_under_the_prior_are_refused_where_a_transform_limits_it():
    with pm.Model() as model:
        x = pm.Normal("x", 0, 1, transform=pm.distributions.transforms.log)
        pm.Normal("y", x, 1, observed=[1.0])
    posterior = xr.Dataset({"x": (("chain", "draw"), np.random.default_rng(1).uniform(1, 2, (2, 100)))})
    absences = Absences()
    draws = Draws(posterior, xr.Dataset(), xr.Dataset(), xr.Dataset(), {})
    found = described_by_model(model, draws, [], absences)
    assert found["overlap"] is None
    assert found["predictive"][0]["prior"] is None
    assert "x has the transform LogTransform" in absences.reasons["predictive.0.prior"]


@pytest.mark.parametrize(
    ("add", "told"),
    [
        (lambda: pm.Flat("x"), "(?i)the prior can't be drawn from: .*flat"),
        (
            lambda: pm.CustomDist("z", 0.0, logp=lambda value, mu: -((value - mu) ** 2), observed=[1.0]),
            "the prior can't be drawn from: .*random",
        ),
    ],
)
def test_a_distribution_that_cannot_be_drawn_from_is_refused(draw, add, told):
    model = normal()
    with model:
        add()
    with pytest.raises(Unsupported, match=told):
        draw(model, 10)


@pytest.mark.filterwarnings("ignore:Data in y contains missing values")
def test_missing_values_are_parameters_and_what_holds_data_is_no_variable_of_the_prior(draw):
    with pm.Model() as model:
        mean = pm.Normal("mean", 0, 1)
        pm.Normal("y", mean, 0.1, observed=[1.0, np.nan, 2.0])
    one, again = draw(model, 200), draw(model, 200)
    assert set(one.values.data_vars) == {"mean", "y_unobserved"}
    assert one.values.equals(again.values)
    assert np.corrcoef(one.values["mean"].values[0], one.values["y_unobserved"].values[0, :, 0])[0, 1] > 0.9


WALL = """import pymc as pm

def build(data, config):
    with pm.Model() as model:
        x = pm.Normal("x")
        pm.Potential("wall", -x ** 2)
        pm.Normal("y", x, 1, observed=[1.0])
    return model
"""


def test_doctor_tells_before_the_run_what_cannot_be_drawn_from(tmp_path):
    model = tmp_path / "wall_model.py"
    model.write_text(WALL)
    [item] = look({"model": str(model), "sampler": "prior"}, {})["items"]
    assert item["state"] == "fails"
    assert "nothing can be drawn from a potential, and the model has wall" in item["message"]


@pytest.mark.slow
def test_a_potential_is_an_unsupported_failure(tmp_path):
    model = tmp_path / "wall.py"
    model.write_text(WALL)
    directory = write_request(tmp_path / "run", {"model": str(model), "sampler": "prior"}, helpers=())
    assert start_worker(directory).wait(timeout=300) != 0
    [failure] = [event for event in read_events(directory) if event["event"] == "failure"]
    assert failure["type"] == "unsupported"
    assert "the prior can't be drawn from" in failure["message"]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("chains", 2),
        ("tune", 500),
        ("target_accept", 0.9),
        ("adaptation", "low_rank"),
        ("keep", "summary"),
        ("simulate", "prior"),
    ],
)
def test_settings_of_chains_are_refused(tmp_path, setting, value):
    with pytest.raises(Unsupported, match=f"^{setting}: "):
        read_configuration(of_prior(tmp_path, **{setting: value}) | {setting: value})


def test_derive_needs_a_file(tmp_path):
    with pytest.raises(Exception, match="there are no draws to derive from"):
        derive(tmp_path / "draws.nc")
