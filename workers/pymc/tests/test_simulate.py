"""Fits of data that a model of one's own draws from its prior."""

import pytest
from conftest import measured_and_derived, normal_model, read_json, write_request
from kit_schemas import assert_written, problems_of

from nx_study_worker import Unsupported
from pymc_worker.config import read_configuration


@pytest.mark.slow
def test_fits_of_simulated_data_and_their_ranks(tmp_path):
    configuration = {**normal_model(tmp_path / "models"), "simulate": "prior", "simulations": 2}
    directory = measured_and_derived(write_request(tmp_path / "run", configuration))
    result, derived = read_json(directory / "result.json"), read_json(directory / "derived.json")
    assert_written(directory)
    assert problems_of("posterior.payload", result["payload"]) == []
    assert problems_of("posterior.derived", derived) == []
    assert [one["path"] for one in result["files"]] == ["simulations.nc"]
    assert result["payload"]["simulations"] == {"simulate": "prior", "fits": 2, "failed": 0}
    assert result["payload"]["data"]["simulated"] == "prior"
    fits = derived["calibration"]["fits"]
    assert [fit["index"] for fit in fits] == [0, 1]
    # Other data in each, so other ranks.
    assert fits[0]["seed"] != fits[1]["seed"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [({"simulations": 2}, "simulations"), ({"simulate": "prior", "sampler": "pymc"}, "sampler")],
)
def test_settings_without_effect_are_refused(tmp_path, changes, problem):
    with pytest.raises(Unsupported, match=problem):
        read_configuration({**normal_model(tmp_path), **changes})
