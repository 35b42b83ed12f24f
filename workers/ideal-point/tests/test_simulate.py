"""Simulated fits from the request to derived.json."""

import json

import numpy as np
import pymc as pm
import pytest
import xarray as xr
from conftest import SENATE, SIMULATED, read_events, read_json, run_worker, senate, simulated, write_request
from kit_schemas import assert_written, problems_of

from nx_study_posterior.built import BuiltModel
from nx_study_posterior.derive.calibration import calibrate
from nx_study_posterior.sampling import Settings
from nx_study_posterior.simulate import Simulation, fit_seed, simulate_and_fit
from nx_study_posterior.stopwatch import Stopwatch
from nx_study_worker import Run, Unsupported
from nx_study_worker.events import Events
from nx_study_worker.request import Request
from nx_study_worker.stop import Stop

SENATES = {
    **senate(),
    "model": "joint",
    "linked": [{key: str(SENATE / f"senate-106.{key}.csv") for key in ("votes", "legislators")}],
}
AGAIN = {"name": "again", **{key: str(SIMULATED / f"{key}.csv") for key in ("votes", "legislators")}}
SETTINGS = Settings(2, 100, 100, 0.8, "diag", seed=0, cores=1)


pytestmark = pytest.mark.usefixtures("own_signals")


@pytest.fixture
def simulate(tmp_path):
    """Simulates and fits a normal mean in a repetition, and gives what is derived of it."""

    def run(repetition, count, build=None):
        directory = write_request(tmp_path / f"{repetition}-{count}", {})
        path = directory / "request.json"
        values = {**json.loads(path.read_text()), "repetition": repetition, "study_seed": 7}
        path.write_text(json.dumps(values))
        with Events(directory / "events.jsonl") as events:
            task = Run(directory, Request.read(path), events, Stop())
            done = simulate_and_fit(task, Stopwatch(task), (build or normal)(), Simulation(SETTINGS, count))
        return done, calibrate(directory / "simulations.nc")

    return run


def normal():
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 1)
        pm.Normal("y", mu, 0.5, observed=np.zeros(3))
    return BuiltModel(model)


def test_a_model_without_data_is_refused(simulate):
    def no_data():
        with pm.Model() as model:
            pm.Normal("x")
        return BuiltModel(model)

    with pytest.raises(Unsupported, match="no observed variable"):
        simulate(1, 1, no_data)


def test_vectors_that_are_missing_in_part_are_refused(simulate):
    def pairs():
        with pm.Model() as model:
            mu = pm.Normal("mu", 0, 1, shape=2)
            pm.MvNormal("y", mu, np.eye(2), observed=np.ma.masked_invalid([[1.0, np.nan], [0.0, 1.0]]))
        return BuiltModel(model)

    with pytest.raises(Unsupported, match="1 of 4 values of y is missing, within vectors"):
        simulate(1, 1, pairs)


@pytest.mark.parametrize("coords", [{}, {"coords": {"fit": ["a", "b"]}}])
def test_a_dimension_with_the_name_of_the_fits_is_refused(simulate, coords):
    def with_fits():
        with pm.Model(**coords) as model:
            mu = pm.Normal("mu", 0, 1, **({"dims": "fit"} if coords else {}))
            data = pm.Data("data", np.zeros(2), dims="fit")
            pm.Normal("y", mu, 0.5, observed=data)
        return BuiltModel(model)

    with pytest.raises(Unsupported, match="a dimension of the model is called `fit`"):
        simulate(1, 1, with_fits)


@pytest.mark.slow
def test_a_fit_does_not_depend_on_how_measurements_divide_the_fits(simulate):
    _, whole = simulate(1, 4)
    done, second = simulate(2, 2)
    assert [one.index for one in done.fits] == [2, 3]
    fits = whole["calibration"]["fits"]
    assert second["calibration"]["fits"] == fits[2:]
    assert [fit["seed"] for fit in fits] == [fit_seed(7, index) for index in range(4)]
    for label, quantity in second["calibration"]["quantities"].items():
        of_whole = whole["calibration"]["quantities"][label]
        assert quantity["rank"] == of_whole["rank"][2:]
        assert quantity["z"] == of_whole["z"][2:]
    # The exact posterior sd of mu is 0.277, and each fit has other data.
    mu = whole["calibration"]["quantities"]["mu"]
    assert np.allclose(mu["contraction"], 1 - 0.277**2, atol=0.05)
    assert len(set(mu["z"])) == 4
    assert whole["gradients"] == sum(fit["gradients"] for fit in fits)
    assert whole["variables"]["mu"]["rhat_max"] >= max(fit["rhat_max"] for fit in fits) - 1e-12


@pytest.mark.slow
def test_a_fit_that_fails_is_flagged_and_keeps_its_place(simulate, monkeypatch):
    from nx_study_posterior import simulate as module

    sample, calls = module.sample_compiled, []

    def second_fails(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("All initialization points failed")
        return sample(*arguments)

    monkeypatch.setattr(module, "sample_compiled", second_fails)
    _, derived = simulate(1, 3)
    fits = derived["calibration"]["fits"]
    assert [fit["flags"][:1] for fit in fits][1] == ["failed: All initialization points failed"]
    mu = derived["calibration"]["quantities"]["mu"]
    assert [rank is None for rank in mu["rank"]] == [False, True, False]
    assert [value is None for value in mu["covered"]["90"]] == [False, True, False]
    assert derived["reasons"]["calibration.quantities.mu.rank.1"] == "the fit failed"
    assert problems_of("posterior.derived", derived) == []


@pytest.mark.slow
def test_a_prior_that_is_not_the_model_s_bends_the_ranks(simulate, monkeypatch):
    """The same fits twice: once with truths from the prior, once with truths that are 6 higher."""
    from nx_study_posterior.forward import Forward

    def ranks():
        return np.array(simulate(1, 10)[1]["calibration"]["quantities"]["mu"]["rank"])

    right = ranks()
    parameters = Forward.parameters
    monkeypatch.setattr(
        Forward, "parameters", lambda self, seed: {"mu": parameters(self, seed)["mu"] + np.array(6.0)}
    )
    wrong = ranks()
    # Of 10 uniform ranks from 0 to 99 the mean is 49.5, and its standard error 9.1.
    assert abs(right.mean() - 49.5) < 4 * 9.1
    assert wrong.mean() - 49.5 > 4 * 9.1


def test_a_request_without_a_study_seed_is_refused(tmp_path):
    directory = write_request(tmp_path, {})
    with Events(directory / "events.jsonl") as events:
        task = Run(directory, Request.read(directory / "request.json"), events, Stop())
        with pytest.raises(Unsupported, match="study_seed"):
            simulate_and_fit(task, Stopwatch(task), normal(), Simulation(SETTINGS, 1))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "ranked"),
    [
        ({}, {"abs_xi", "abs_beta"}),
        pytest.param(
            {"model": "hierarchical", "parametrisation": "centred"},
            {"mu_party", "sigma_within", "xi", "beta"},
            marks=pytest.mark.long,
        ),
        pytest.param(
            SENATES, {"abs_mu_chamber", "sigma_chamber", "abs_xi", "abs_beta"}, marks=pytest.mark.long
        ),
        pytest.param(
            {"model": "two-dimensional"},
            {"abs_xi_1", "abs_xi_2", "abs_beta", "distance"},
            marks=pytest.mark.long,
        ),
        pytest.param(
            {"model": "dynamic", "linked": [AGAIN]},
            {"tau", "abs_xi", "abs_beta", "step"},
            marks=pytest.mark.long,
        ),
    ],
)
def test_a_measurement_of_votes(tmp_path, more, ranked):
    quick = {"chains": 2, "tune": 100, "draws": 100, "sample": {"rollcalls": 8, "seed": 1}}
    configuration = {**simulated(**quick, simulate="prior", simulations=2), **more}
    directory = write_request(tmp_path, configuration)
    request = json.loads((directory / "request.json").read_text())
    (directory / "request.json").write_text(json.dumps({**request, "study_seed": 1}))
    run_worker(directory)
    run_worker(directory, "derive", directory / "derived.json")
    assert_written(directory)
    result, derived = read_json(directory / "result.json"), read_json(directory / "derived.json")
    assert problems_of("posterior.payload", result["payload"]) == []
    assert problems_of("posterior.derived", derived) == []
    assert [file["path"] for file in result["files"]] == ["simulations.nc"]
    assert result["payload"]["simulations"] == {"simulate": "prior", "fits": 2, "failed": 0}
    names = {label.split("[")[0] for label in derived["calibration"]["quantities"]}
    assert names == ranked | {"alpha", "log_odds", "position_sd", "discrimination_mean", "log_likelihood"}
    gated = {name for name, one in derived["variables"].items() if one["gated"]}
    assert gated == names
    progress = [event["done"] for event in read_events(directory) if event["event"] == "progress"]
    assert progress == [1, 2]
    with xr.open_datatree(directory / "simulations.nc", engine="h5netcdf") as tree:
        assert tree["posterior"].sizes["fit"] == 2
