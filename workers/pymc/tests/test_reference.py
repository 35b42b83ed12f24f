"""The shipped studies agree with long runs: see tools/reference.py."""

import json
import math
from pathlib import Path

import pytest
from conftest import read_json, run_worker, write_request
from shipped import CONFIGURATIONS

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.draws import Draws, read_draws
from nx_study_posterior.derive.estimates import estimates
from pymc_worker.derive.quantities import quantities

REFERENCE = json.loads(Path(__file__).with_name("reference.json").read_text())["studies"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sampler"),
    [
        *(
            pytest.param(name, "nutpie", marks=[] if name == "eight-schools" else pytest.mark.long)
            for name in CONFIGURATIONS
        ),
        ("eight-schools", "numpyro"),
        ("eight-schools", "blackjax"),
    ],
)
def test_means_are_those_of_a_long_run(tmp_path, name, sampler):
    directory = run_worker(
        write_request(tmp_path / "run", {**CONFIGURATIONS[name], "sampler": sampler}, helpers=())
    )
    assert read_json(directory / "result.json")["payload"]["warnings"] == []
    found = estimates(quantities(read_draws(directory / "draws.nc", Draws)), Absences())
    assert set(found) == set(REFERENCE[name])
    for quantity, one in found.items():
        expected = REFERENCE[name][quantity]
        error = math.hypot(one["mcse_mean"], expected["mcse"])
        assert abs(one["mean"] - expected["mean"]) < 4 * error, quantity


def test_an_error_of_a_long_run_is_small():
    assert all(0 < one["mcse"] < 0.06 for study in REFERENCE.values() for one in study.values())
