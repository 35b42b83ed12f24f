import pytest
from conftest import simulated
from jsonschema import Draft202012Validator

from ideal_point.config import read_configuration
from ideal_point.keys import KEYS, configuration_schema
from ideal_point.schema import PATH, main, schema_text
from nx_study_worker import Unsupported


def valid(configuration):
    return Draft202012Validator(configuration_schema()).is_valid(configuration)


def test_committed_schema_is_current():
    assert PATH.read_text(encoding="utf-8") == schema_text(), "run python -m ideal_point.schema"
    assert main(["--check"]) == 0


def test_schema_is_a_schema_and_explains_every_key():
    schema = configuration_schema()
    Draft202012Validator.check_schema(schema)
    for name, key in schema["properties"].items():
        assert key["title"]
        assert key["description"]
        assert ("default" in key) == (name not in schema["required"]), name
        if "default" in key and name not in ("sample", "columns"):
            assert Draft202012Validator(key).is_valid(key["default"]), name
    assert schema["required"] == ["votes", "legislators"]
    assert all(KEYS[name]["format"] == "data-file" for name in schema["required"])


@pytest.mark.parametrize(
    "prior",
    [
        {"distribution": "normal", "mu": 0, "sigma": 1},
        {"distribution": "lognormal", "mu": -0.5, "sigma": 0.5},
        {"distribution": "exp_normal", "mu": 0, "sigma": 1},
        {"distribution": "halfnormal", "sigma": 1e-3},
    ],
)
def test_priors_that_are_priors(prior):
    assert valid(simulated(beta_prior=prior))
    assert read_configuration(simulated(beta_prior=prior)).beta_prior.as_json() == prior


@pytest.mark.parametrize(
    "prior",
    [
        {"distribution": "normal", "mu": 0, "sigma": 0},
        {"distribution": "normal", "mu": 0, "sigma": -1},
        {"distribution": "normal", "sigma": 1},
        {"distribution": "normal", "mu": 0},
        {"distribution": "normal", "mu": "0", "sigma": 1},
        {"distribution": "normal", "mu": None, "sigma": 1},
        {"distribution": "normal", "mu": 0, "sigma": 1, "nu": 3},
        {"distribution": "halfnormal", "mu": 0, "sigma": 1},
        {"distribution": "cauchy", "sigma": 1},
        {"mu": 0, "sigma": 1},
        {},
        "normal",
        None,
    ],
)
def test_priors_that_are_not(prior):
    assert not valid(simulated(beta_prior=prior))
    with pytest.raises(Unsupported, match="beta_prior"):
        read_configuration(simulated(beta_prior=prior))


@pytest.mark.parametrize(
    "change",
    [
        {"beta": 1},
        {"model": "three-parameter"},
        {"polarity": "left"},
        {"chains": 0},
        {"draws": 1.5},
        {"draws": True},
        {"target_accept": 1},
        {"sample": {"rollcalls": 1}},
        {"sample": {"rollcalls": 10, "seed": -1}},
        {"sample": {"rollcalls": 10, "size": 1}},
        {"alpha_prior": {"distribution": "lognormal", "mu": 0, "sigma": 1}},
        {"position_prior": {"distribution": "halfnormal", "sigma": 1}},
        {"votes": ""},
    ],
)
def test_other_configurations_that_are_refused(change):
    assert not valid(simulated(**change))


def test_a_setting_without_effect_is_refused():
    spread = {"distribution": "halfnormal", "sigma": 2}
    assert not valid(simulated(spread_prior=spread))
    assert valid(simulated(spread_prior=spread, model="hierarchical"))
    with pytest.raises(Unsupported, match="spread_prior"):
        read_configuration(simulated(spread_prior=spread))


def test_defaults_are_filled_in():
    configuration = read_configuration(simulated(sample={"rollcalls": 10}))
    assert (configuration.data.sample_rollcalls, configuration.data.sample_seed) == (10, 1)
    assert (configuration.model, configuration.chains, configuration.draws) == ("flat", 4, 1000)


def test_files_are_required():
    with pytest.raises(Unsupported, match="'legislators' is a required property"):
        read_configuration({"votes": "votes.csv"})
