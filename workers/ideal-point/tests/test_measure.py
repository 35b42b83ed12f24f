import hashlib
import json
from itertools import pairwise

import arviz as az
import numpy as np
import pytest
from conftest import read_events, read_json, simulated, write_request
from kit_schemas import assert_written, problems_of

from ideal_point.measure import measure
from nx_study_worker import run


def test_result(measured):
    result = read_json(measured / "result.json")
    assert (result["protocol"], result["kind"], result["partial"]) == (1, "posterior", False)
    digest = hashlib.sha256((measured / "draws.nc").read_bytes()).hexdigest()
    assert result["files"] == [{"path": "draws.nc", "sha256": digest}]

    payload = result["payload"]
    assert_written(measured)
    assert problems_of("posterior.payload", payload) == []
    assert problems_of("posterior.derived", read_json(measured / "derived.json")) == []
    assert set(payload) == {
        *("sampler", "observations", "parameters", "timings", "memory"),
        *("versions", "data", "start", "notes", "warnings", "draws_bytes", "reasons"),
    }
    assert payload["observations"] == payload["data"]["cells"]["observed"]
    assert payload["parameters"] == 110
    assert set(payload["timings"]) == {"import_s", "data_s", "build_s", "compile_s", "sample_s", "write_s"}
    assert all(seconds > 0 for seconds in payload["timings"].values())
    assert 100e6 < payload["memory"]["rss_peak_bytes"] < 4e9
    assert set(payload["versions"]) == {"python", "pymc", "nutpie", "pytensor", "numba", "numpy", "arviz"}
    assert payload["sampler"]["kept"] == {"chains": 4, "draws": 1000, "lengths": [1000] * 4}
    assert payload["start"]["jitter"].keys() == {"alpha", "beta"}
    assert sorted(path.name for path in measured.iterdir() if path.name.startswith(".")) == []


def test_events(measured):
    events = read_events(measured)
    phases = [event["phase"] for event in events if event["event"] == "phase"]
    assert phases == ["importing", "reading", "building", "compiling", "tuning", "sampling", "writing"]
    progress = [event for event in events if event["event"] == "progress"]
    done = [event["done"] for event in progress]
    assert done == sorted(done)
    assert (done[-1], progress[-1]["total"], progress[-1]["unit"]) == (8000, 8000, "draws")
    assert progress[-1]["detail"]["step_size"] > 0
    assert all(earlier["t"] <= later["t"] for earlier, later in pairwise(events))


def test_draws_open_in_arviz(measured):
    tree = az.from_netcdf(measured / "draws.nc")
    assert {"posterior", "sample_stats", "observed_data", "constant_data"} == set(tree.children)
    posterior = tree.posterior
    assert posterior.sizes == {"chain": 4, "draw": 1000, "legislator": 30, "rollcall": 40}
    assert all(np.isfinite(posterior[name].values).all() for name in ("xi", "alpha", "beta"))
    assert "reached_max_treedepth" in tree.sample_stats
    assert tree.observed_data.y.dims == ("cell",)
    assert tree.constant_data.party.values[0] == "D"
    assert json.loads(tree.attrs["priors"])["beta"] == {"distribution": "normal", "mu": 0, "sigma": 1}
    assert json.loads(tree.attrs["sampler"])["seed"] == 5


def test_measured_draws_pass_the_default_gates(measured):
    derived = read_json(measured / "derived.json")
    for name in ("xi", "alpha", "beta"):
        variable = derived["variables"][name]
        assert variable["gated"]
        assert variable["rhat_max"] < 1.01
        assert min(variable["ess_bulk_min"], variable["ess_tail_min"]) > 400
    assert derived["divergences"] < 10
    assert derived["ebfmi_min"] > 0.3
    # Nothing else is missing.
    assert set(derived["reasons"]) == {"estimates.correct_share", "estimates.apre"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"beta_prior": {"distribution": "normal", "sigma": 1}}, "beta_prior"),
        ({"votes": "missing.csv"}, "missing.csv"),
    ],
)
@pytest.mark.usefixtures("own_signals")
def test_what_can_never_work_is_unsupported(tmp_path, capsys, change, message):
    write_request(tmp_path, simulated(**change))
    with pytest.raises(SystemExit) as exit_:
        run(measure, [str(tmp_path)])
    assert exit_.value.code == 1
    failure = read_events(tmp_path)[-1]
    assert (failure["event"], failure["type"]) == ("failure", "unsupported")
    assert message in failure["message"]
    assert "Traceback" in failure["traceback"]
    assert capsys.readouterr().err.strip() == failure["message"]
    assert not (tmp_path / "result.json").exists()


@pytest.mark.usefixtures("own_signals")
def test_a_run_that_could_not_save_its_draws_does_not_start(tmp_path, monkeypatch):
    from nx_study_posterior import storage

    monkeypatch.setattr(storage, "ENGINE", "nothing-that-writes")
    write_request(tmp_path, simulated())
    with pytest.raises(SystemExit):
        run(measure, [str(tmp_path)])
    events = read_events(tmp_path)
    assert [event["event"] for event in events] == ["phase", "failure"]
    assert "the draws could not be saved" in events[-1]["message"]
