import numpy as np
import pymc as pm
import pytest
from conftest import simulated

from ideal_point.config import read_configuration
from ideal_point.data import observe
from ideal_point.derive.fit import log_likelihood
from ideal_point.keys import KEYS, PRIOR_KEYS
from ideal_point.models import build_model
from nx_study_posterior.built import BuiltModel
from nx_study_posterior.compiling import check_start, compile_model
from nx_study_worker import Unsupported, WorkerError

LOGNORMAL = {"distribution": "lognormal", "mu": 0.2, "sigma": 0.5}


def build(**more):
    configuration = read_configuration(simulated(**more))
    return build_model(configuration, observe(configuration))


def log_density(built):
    """The joint density on the unconstrained scale, evaluated without compiling to machine code."""
    return built.model.compile_logp(mode="FAST_COMPILE")


def random_points(built, count=3):
    point = built.model.initial_point()
    generator = np.random.default_rng(1)
    return [
        {name: generator.normal(size=np.shape(value)) for name, value in point.items()} for _ in range(count)
    ]


@pytest.mark.parametrize("model", ["flat", "hierarchical"])
def test_spelling_out_the_defaults_changes_nothing(model):
    left_out = build(model=model)
    spelled = build(model=model, **{key: KEYS[key]["default"] for key in PRIOR_KEYS})
    other = build(model=model, beta_prior={"distribution": "normal", "mu": 0, "sigma": 1.01})
    functions = [log_density(built) for built in (left_out, spelled, other)]
    for point in random_points(left_out):
        one, two, three = (float(function(point)) for function in functions)
        assert np.isfinite(one)
        assert one == two != three


def test_lognormal_and_exp_normal_are_the_same_density():
    lognormal = log_density(build(beta_prior=LOGNORMAL))
    exp_normal = log_density(build(beta_prior=LOGNORMAL | {"distribution": "exp_normal"}))
    for point in random_points(build(beta_prior=LOGNORMAL)):
        renamed = {"log_beta" if name == "beta_log__" else name: value for name, value in point.items()}
        assert float(lognormal(point)) == pytest.approx(float(exp_normal(renamed)), rel=1e-12)


def test_priors_have_the_density_they_name():
    x = 0.7
    expected = {
        "normal": -0.5 * ((x - 0.2) / 0.5) ** 2 - np.log(0.5 * np.sqrt(2 * np.pi)),
        "lognormal": -0.5 * ((np.log(x) - 0.2) / 0.5) ** 2 - np.log(x * 0.5 * np.sqrt(2 * np.pi)),
        "halfnormal": -0.5 * (x / 0.5) ** 2 + np.log(2) - np.log(0.5 * np.sqrt(2 * np.pi)),
    }
    for distribution, value in expected.items():
        prior = {"distribution": distribution, "sigma": 0.5}
        prior = prior if distribution == "halfnormal" else {**prior, "mu": 0.2}
        beta = build(beta_prior=prior).model["beta"]
        density = pm.logp(beta, np.full(40, x)).eval(mode="FAST_COMPILE")
        assert density == pytest.approx(np.full(40, value)), distribution


@pytest.mark.slow
def test_likelihood_is_the_logistic_one_and_can_be_computed_from_draws():
    built = build()
    votes = built.model.compile_fn(
        built.model.logp(vars=[built.model["y"]], sum=False)[0], mode="FAST_COMPILE", point_fn=True
    )
    configuration = read_configuration(simulated())
    member, rollcall, y = observe(configuration).cells
    for point in random_points(built):
        eta = point["beta"][rollcall] * point["xi"][member] - point["alpha"][rollcall]
        probability = 1 / (1 + np.exp(-eta))
        expected = np.log(np.where(y == 1, probability, 1 - probability))
        assert votes(point) == pytest.approx(expected)
        assert log_likelihood(y, eta) == pytest.approx(expected)


def test_only_discriminations_and_difficulties_are_jittered():
    assert sorted(build().jittered) == sorted(build(model="hierarchical").jittered) == ["alpha", "beta"]
    assert build(beta_prior=LOGNORMAL | {"distribution": "exp_normal"}).jittered == ["alpha", "log_beta"]


def test_hierarchical_needs_both_parties(tmp_path):
    people = tmp_path / "legislators.csv"
    rows = [f"{1001 + index},M,{'D' if index < 29 else 'R'}" for index in range(30)]
    people.write_text("\n".join(["id,name,party", *rows]) + "\n")
    with pytest.raises(Unsupported, match="too few in R"):
        build(model="hierarchical", legislators=str(people))


@pytest.mark.slow
def test_start_is_checked_and_the_variable_named():
    with pm.Model(coords={"item": ["a", "b"]}) as model:
        pm.Normal("offset", 0, 1, dims="item")
        pm.HalfNormal("scale", 1)
    # At its mode the gradient of every one of these is zero, which the sampler would only refuse silently.
    compiled = compile_model(BuiltModel(model, steady=frozenset({"offset", "scale"})))
    with pytest.raises(WorkerError, match="offset_0, offset_1, scale_log__ is zero"):
        check_start(compiled, seed=1)
    jittered = compile_model(BuiltModel(model))
    assert np.isfinite(check_start(jittered, seed=1)["log_density"])


def test_positions_start_exactly_at_the_first_component():
    for options in ({}, {"model": "hierarchical"}):
        configuration = read_configuration(simulated(**options))
        observations = observe(configuration)
        built = build_model(configuration, observations)
        start = built.initial
        if options:
            group = (observations.parties == "R").astype(int)
            positions = start["mu_party"][group] + start["sigma_within"][group] * start["xi_offset"]
        else:
            positions = start["xi"]
        assert positions == pytest.approx(observations.component.scores)
