import hashlib
import json

import arviz as az
import numpy as np
import pytest
from conftest import Y, normal_model, read_events, read_json, run_worker, start_worker, write_request
from kit_schemas import assert_written, problems_of

from nx_study_posterior.storage import save_draws
from nx_study_posterior.trimming import Trimmed
from nx_study_worker import Unsupported
from pymc_worker.config import read_configuration

# Of the mean, by conjugacy: prior variance 100, variance of a value 1.
VARIANCE = 1 / (1 / 100 + len(Y))
MEAN = VARIANCE * sum(Y)


def test_result(measured):
    result = read_json(measured / "result.json")
    digest = hashlib.sha256((measured / "draws.nc").read_bytes()).hexdigest()
    assert result["files"] == [{"path": "draws.nc", "sha256": digest}]
    payload = result["payload"]
    assert_written(measured)
    assert problems_of("posterior.payload", payload) == []
    assert problems_of("posterior.derived", read_json(measured / "derived.json")) == []
    assert payload["sampler"]["name"] == "nutpie NUTS"
    assert (payload["observations"], payload["parameters"], payload["warnings"]) == (5, 6, [])
    assert payload["draws_bytes"] == (measured / "draws.nc").stat().st_size
    assert payload["data"] == {
        "model": "normal_model.py",
        "observed": {"y": {"shape": [5], "dims": ["row"]}},
        "free": {"mean": {"shape": []}, "offset": {"shape": [5]}},
    }
    assert payload["start"]["jitter"].keys() == {"offset"}
    assert payload["start"]["set"] == ["mean"]


def test_draws_have_the_model_s_data_and_coordinates(measured):
    tree = az.from_netcdf(measured / "draws.nc")
    assert set(tree.children) == {"posterior", "sample_stats", "observed_data", "constant_data", "quantities"}
    assert tree["posterior"]["offset"].dims == ("chain", "draw", "row")
    assert tree["posterior"]["row"].values.tolist() == [f"r{at}" for at in range(5)]
    assert tree["observed_data"]["y"].values.tolist() == Y
    assert tree["constant_data"]["weight"].values.tolist() == [0, 1, 2, 3, 4]
    assert {"lp", "tree_depth", "reached_max_treedepth", "energy", "diverging"} <= set(tree["sample_stats"])


def test_quantities_are_those_of_the_model_file(measured):
    derived = read_json(measured / "derived.json")
    twice, mean = derived["estimates"]["twice"], derived["estimates"]["a_mean"]
    assert list(derived["estimates"]) == ["twice", "a_mean"]
    assert (twice["label"], twice["unit"], twice["main"], mean["main"]) == ("2 × mean", "m", True, False)
    assert twice["mean"] == pytest.approx(2 * MEAN, abs=4 * twice["mcse_mean"])
    assert twice["sd"] == pytest.approx(2 * VARIANCE**0.5, rel=0.2)
    assert 2 * mean["mean"] == pytest.approx(twice["mean"])
    reasons = {
        path: why for path, why in derived["reasons"].items() if path.startswith(("estimates", "variables"))
    }
    assert reasons == {
        "estimates.a_mean": "computed from all draws at once: one number, which has no draws of its own"
    }


def test_basis_is_what_was_observed(measured):
    digest = hashlib.sha256(b"(5,)" + np.array(Y).tobytes()).hexdigest()
    labels = hashlib.sha256(repr([[f"r{at}" for at in range(5)]]).encode()).hexdigest()
    assert read_json(measured / "derived.json")["basis"] == {
        "observed y": f"5 values, sha256 {digest}",
        "labels of y": f"sha256 {labels}",
    }


def test_priors_stand_beside_posteriors(measured):
    mean, offset = read_json(measured / "derived.json")["priors"]
    assert (mean["variable"], mean["prior"]) == ("mean", {"distribution": "Normal(0, 10)"})
    # 4 standard errors of the median of 4,000 draws.
    assert mean["prior_quantiles"][2] == pytest.approx(0, abs=4 * 10 * np.sqrt(np.pi / 2 / 4000))
    assert offset["size"] == 5


def test_a_changed_file_is_not_derived_from(measured, tmp_path):
    folder = tmp_path / "models"
    configuration = normal_model(folder)
    directory = write_request(tmp_path / "run", configuration)
    (folder / "helper.py").write_text("SPREAD = 2.0\n")
    (directory / "draws.nc").symlink_to(measured / "draws.nc")
    assert start_worker(directory, "derive", tmp_path / "out.json").wait(timeout=120) == 1
    assert (
        "helper.py: changed since the draws were made; measure again"
        in (directory / "worker.log").read_text()
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"config": {"prior_sd": "wide"}}, "config.prior_sd: 'wide' is not of type 'number'"),
        ({"sampler": "pymc", "adaptation": "low_rank"}, "adaptation: 'diag' was expected"),
        ({"keep": {"every": 1}}, "keep"),
    ],
)
def test_a_configuration_that_can_never_work_is_unsupported(tmp_path, change, told):
    with pytest.raises(Unsupported) as error:
        read_configuration({**normal_model(tmp_path), **change})
    assert told in str(error.value)


def test_a_module_that_no_identity_covers_is_refused_before_sampling(tmp_path):
    directory = write_request(tmp_path / "run", normal_model(tmp_path / "models"), helpers=())
    assert start_worker(directory).wait(timeout=120) == 1
    events = read_events(directory)
    assert [event["phase"] for event in events if event["event"] == "phase"][-1] == "building"
    assert events[-1]["type"] == "unsupported"
    helper = (tmp_path / "models/helper.py").resolve()
    assert f"imported the module helper from {helper}. No identity covers that file" in events[-1]["message"]


@pytest.mark.slow
@pytest.mark.parametrize("keep", ["summary", {"every": 3}])
def test_what_is_derived_from_fewer_draws(measured, tmp_path, keep):
    """Sampled once: the same draws as `measured`, kept in part."""
    directory = write_request(tmp_path / "run", normal_model(tmp_path / "models"))
    tree = az.from_netcdf(measured / "draws.nc")
    found = {name: tree[name].to_dataset() for name in tree.children}
    trimmed = Trimmed(found.pop("posterior"), found.pop("sample_stats"), None, None, [300, 300])
    attributes = {**tree.attrs, "sampler": {**json.loads(tree.attrs["sampler"]), "keep": keep}}
    save_draws(directory / "draws.nc", trimmed, found, attributes)
    run_worker(directory, "derive", directory / "derived.json")
    whole, derived = read_json(measured / "derived.json"), read_json(directory / "derived.json")
    assert derived["estimates"] == whole["estimates"]
    assert (derived["divergences"], derived["ebfmi"]) == (whole["divergences"], whole["ebfmi"])
    assert derived["variables"] == whole["variables"]
    assert derived["draws_kept"] == whole["draws_kept"] == {"chains": 2, "draws": 300}
    if keep == "summary":
        assert (derived["loo"], derived["sensitivity"]) == (None, None)
        for path in ("loo", "sensitivity", "priors", "overlap.offset"):
            assert derived["reasons"][path] == "`keep: summary` leaves out the draws of offset"
        # Never drawn from the prior in place of the posterior.
        assert derived["predictive"][0]["quantities"] is None
    else:
        assert derived["loo"]["draws_used"] == derived["sensitivity"]["draws_used"] == 200
        assert derived["loo"]["elpd_loo"] == pytest.approx(whole["loo"]["elpd_loo"], abs=0.5)
