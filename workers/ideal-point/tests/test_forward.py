"""Models run forwards: what is drawn, and what is refused."""

import numpy as np
import pymc as pm
import pytest
from scipy.stats import norm

from nx_study_posterior.forward import Forward, log_likelihood, of_parameters, share_data
from nx_study_posterior.quantities import select
from nx_study_worker import Unsupported

transforms = pm.distributions.transforms
ORDERED = transforms.ordered


def model_of(**cuts):
    with pm.Model(coords={"group": ["a", "b", "c"]}) as model:
        mu = pm.Normal("mu", 0, 1, dims="group")
        pm.Normal("cut", cuts.get("cut", 0), 1, shape=2, transform=ORDERED, initval=[-1.0, 1.0])
        pm.Deterministic("total", mu.sum())
        pm.Normal("y", mu, 0.5, observed=np.zeros(3), dims="group")
    return model


def test_draws_depend_on_the_seed_only_and_data_on_the_parameters():
    forward = Forward(model_of())
    first, again, other = (forward.parameters(seed) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["mu"], other["mu"])
    far = {**first, "mu": first["mu"] + 100}
    assert np.allclose(forward.data(far, 5)["y"], forward.data(first, 5)["y"] + 100)


def test_ordered_variables_of_one_prior_are_sorted_as_in_the_posterior():
    forward = Forward(model_of())
    cuts = np.array([forward.parameters(seed)["cut"] for seed in range(400)])
    assert (np.diff(cuts) > 0).all()
    # The smaller and the larger of two standard normal numbers: -1/√π and 1/√π.
    assert np.allclose(cuts.mean(axis=0), [-0.564, 0.564], atol=0.13)


def test_a_descending_order_is_one_too():
    with pm.Model() as model:
        pm.Normal("cut", 0, 1, shape=2, transform=transforms.Ordered(ascending=False), initval=[1.0, -1.0])
    forward = Forward(model)
    cuts = np.array([forward.parameters(seed)["cut"] for seed in range(20)])
    assert (np.diff(cuts) < 0).all()


def test_positive_elements_may_be_ordered():
    with pm.Model() as model:
        pm.HalfNormal("scale", 1, shape=2, transform=ORDERED, initval=[1.0, 2.0])
    drawn = Forward(model).parameters(1)["scale"]
    assert 0 < drawn[0] < drawn[1]


def test_what_depends_on_sorted_variables_is_drawn_after_the_sorting():
    with pm.Model() as model:
        means = pm.Normal("means", 0, 5, shape=2, transform=ORDERED, initval=[-1.0, 1.0])
        pm.Normal("members", means, 0.01, shape=2)
        pm.Normal("y", means.sum(), 1, observed=0.0)
    forward = Forward(model)
    for seed in range(20):
        drawn = forward.parameters(seed)
        assert np.allclose(drawn["members"], drawn["means"], atol=0.06)


def test_the_log_likelihood_follows_replaced_data():
    model = model_of()
    forward = Forward(model)
    names = share_data(model)
    with model:
        pm.Deterministic("fit", log_likelihood(model))
    evaluate = forward.function({"fit": model["fit"], "total": model["total"]})
    parameters = {**forward.parameters(1), "mu": np.array([1.0, 2.0, 3.0])}
    density = -0.5 * np.log(2 * np.pi * 0.25)
    assert evaluate(parameters)["fit"] == pytest.approx(3 * density - (1 + 4 + 9) / 0.5)
    assert evaluate(parameters)["total"] == 6
    model.rvs_to_values[model["y"]].set_value(parameters["mu"])
    assert evaluate(parameters)["fit"] == pytest.approx(3 * density)
    assert names == {"y": "y__simulated"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda: pm.Potential("wall", pm.math.constant(0.0)), "the model has wall"),
        (lambda: pm.Normal("x", 0, 1, transform=transforms.log), "x has the transform LogTransform"),
        # log x > 0: on top of that of its distribution.
        (lambda: pm.HalfNormal("x", 1, transform=transforms.log), "x has the transform LogTransform"),
        (
            lambda: pm.Uniform("x", 0, 10, default_transform=transforms.Interval(2, 5)),
            "x has the transform Interval",
        ),
        (
            lambda: pm.Normal("x", 0, 1, shape=2, transform=transforms.Ordered(positive=True)),
            "x has the transform Ordered",
        ),
        # The distance to the upper bound would be ordered.
        (
            lambda: pm.TruncatedNormal("x", 0, 1, upper=0, shape=2, transform=ORDERED),
            "x has the transform Ordered",
        ),
        (
            lambda: pm.Normal("x", [0, 5], 1, transform=ORDERED, initval=[0.0, 5.0]),
            "its elements have different priors",
        ),
    ],
)
def test_what_has_no_prior_to_draw_from_is_refused(change, message):
    model = model_of()
    with model:
        change()
    with pytest.raises(Unsupported, match=message):
        Forward(model)


def test_a_model_without_data_has_parameters_all_the_same():
    with pm.Model() as model:
        pm.Normal("x")
    forward = Forward(model)
    assert forward.data(forward.parameters(1), 1) == {}


def test_limits_of_a_distribution_limit_no_prior():
    with pm.Model() as model:
        low = pm.Uniform("low", 0, 1)
        pm.Uniform("x", low, low + 2)
        pm.TruncatedNormal("y", 0, 1, lower=0)
        pm.Beta("z", 1, 1, default_transform=None)
    drawn = Forward(model).parameters(1)
    assert 0 < drawn["low"] < drawn["x"] < drawn["low"] + 2


def test_elements_of_large_variables_are_chosen_evenly_and_labelled():
    with pm.Model(coords={"one": [f"m{index}" for index in range(11)]}) as model:
        pm.Normal("x", dims="one")
        pm.Normal("s")
        pm.Normal("grid", shape=(2, 2))
    selected = select(model, ["x", "s", "grid"])
    assert [label for label, _, _ in selected.elements] == [
        *(f"x[m{index}]" for index in (0, 2, 4, 6, 8, 10)),
        "s",
        *(f"grid[{row}, {column}]" for row in (0, 1) for column in (0, 1)),
    ]
    assert selected.elements[1] == ("x[m2]", "x", 2)
    assert selected.left_out == {"x": 5}


@pytest.mark.filterwarnings("ignore:Data in y contains missing values")
def test_a_variable_that_holds_data_is_none_of_the_parameters():
    """With missing values, PyMC makes `y` of the observed values and of those that are drawn."""
    with pm.Model() as model:
        mean = pm.Normal("mean")
        pm.Deterministic("twice", 2 * mean)
        pm.Normal("y", mean, 1, observed=[1.0, np.nan])
    assert [one.name for one in of_parameters(model)] == ["twice"]


def test_the_density_of_data_that_depend_on_data_goes_by_those_observed():
    with pm.Model() as model:
        level = pm.Normal("level", 0, 1)
        mediator = pm.Normal("mediator", level, 1, observed=[0.5, 2.0])
        pm.Normal("outcome", 3 * mediator, 0.1, observed=[1.4, 6.1])
    evaluate = Forward(model).function({"density": log_likelihood(model)})
    found = [float(evaluate({"level": np.array(0.25)})["density"]) for _ in range(2)]
    expected = norm.logpdf([0.5, 2], 0.25, 1).sum() + norm.logpdf([1.4, 6.1], [1.5, 6], 0.1).sum()
    assert found == pytest.approx([expected, expected])
