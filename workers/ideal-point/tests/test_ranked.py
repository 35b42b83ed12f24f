"""Which quantities of simulated votes are ranked: those that are the same in every mirror image."""

from itertools import product

import numpy as np
import pytest
from test_structures import EXAMPLES, SENATES, example

from ideal_point.config import read_configuration
from ideal_point.data import observe
from ideal_point.models import STRUCTURES, build_model
from ideal_point.simulation import simulation
from nx_study_posterior.forward import Forward, log_likelihood

# By structure and dimension: the free variables that change their sign, and which part of β does.
MIRRORED = {
    "flat": [["xi"]],
    "rasch": [["xi"]],
    "two-dimensional": [["xi_1"], ["xi_2"]],
    "joint": [["xi", "mu_chamber"]],
    "dynamic": [["xi_step"]],
}
CASES = {**{name: example(name, sample={"rollcalls": 8}) for name in EXAMPLES}, "joint": SENATES}
MIRRORED_PRIORS = [name for name in STRUCTURES if name != "hierarchical"]


def planned(configuration):
    """The model with its ranked quantities, their names, and the simulation."""
    read = read_configuration({**configuration, "simulate": "prior"})
    observations = observe(read)
    built = build_model(read, observations)
    found = simulation(read, observations, built, settings=None)
    with built.model as model:
        names = found.quantities(model)
    return model, names, found, observations


def images(name, parameters):
    """The mirror images of one draw."""
    by_dimension = MIRRORED[name]
    for signs in product((1, -1), repeat=len(by_dimension)):
        turned = dict(parameters)
        for sign, variables in zip(signs, by_dimension, strict=True):
            turned |= {one: sign * parameters[one] for one in variables}
        turned["beta"] = parameters["beta"] * (np.array(signs) if len(signs) > 1 else signs[0])
        yield turned


@pytest.mark.parametrize("name", MIRRORED_PRIORS)
def test_ranked_quantities_are_the_same_in_every_mirror_image(name):
    model, names, _, _ = planned(CASES[name])
    forward = Forward(model)
    with model:
        likelihood = log_likelihood(model)
    evaluate = forward.function({**{one: model[one] for one in names}, "log_likelihood": likelihood})
    parameters = forward.parameters(seed=3)
    expected, *others = map(evaluate, images(name, parameters))
    assert len(others) == 2 ** len(MIRRORED[name]) - 1
    for found in others:
        for one, values in expected.items():
            np.testing.assert_allclose(found[one], values, rtol=1e-9, err_msg=one)


@pytest.mark.parametrize("name", MIRRORED_PRIORS)
def test_every_free_variable_is_ranked_or_makes_one_that_is(name):
    model, names, _, _ = planned(CASES[name])
    forward = Forward(model)
    evaluate = forward.function({one: model[one] for one in names})
    parameters = forward.parameters(seed=3)
    before = evaluate(parameters)
    for free, values in parameters.items():
        after = evaluate({**parameters, free: values * 1.5})
        assert any(not np.allclose(before[one], after[one]) for one in names if one != "log_odds"), free


def test_where_priors_have_a_side_positions_are_ranked_as_they_are():
    shifted = {"distribution": "normal", "mu": 1, "sigma": 1}
    _, names, _, _ = planned({**CASES["two-dimensional"], "beta_prior": shifted})
    assert {"xi_1", "xi_2", "beta"} <= set(names)
    assert not any(one.startswith("abs_") for one in names)


def test_distances_are_the_same_however_the_plane_is_turned():
    model, names, _, observations = planned(CASES["two-dimensional"])
    xi = np.random.default_rng(1).normal(size=(len(observations.members), 2))
    turn = np.array([[np.cos(1), -np.sin(1)], [np.sin(1), np.cos(1)]])
    distance = model.compile_fn(model["distance"], inputs=[model["xi"]], point_fn=False)
    assert "distance" in names
    np.testing.assert_allclose(distance(xi), distance(xi @ turn))
    assert not np.allclose(distance(xi), distance(xi * np.array([1, 2])))


def test_steps_are_those_of_one_person_from_term_to_term():
    model, names, _, observations = planned(CASES["dynamic"])
    assert {"tau", "step", "abs_xi"} <= set(names)
    for pair in model.coords["ranked_pair"]:
        one, other = pair.split(" to ")
        people = {member.id: member.person for member in observations.members}
        assert people[one] == people[other]
        assert one != other
    xi = np.zeros(len(observations.members))
    xi[observations.chambers.previous >= 0] = 2
    step = model.compile_fn(model["step"], inputs=[model["xi"]], point_fn=False)
    np.testing.assert_array_equal(step(xi), 2)


def test_a_fit_in_two_dimensions_starts_at_its_own_votes_with_level_anchors():
    _, _, planned_fits, observations = planned(CASES["two-dimensional"])
    cells = observations.cells[2]
    one, other = observations.plane.anchors
    free = np.delete(np.arange(len(observations.members)), other)
    starts = []
    for seed in range(3):
        votes = np.random.default_rng(seed).integers(0, 2, len(cells))
        start = planned_fits.restart({"y": votes})
        starts.append(start["xi_1"])
        assert start["xi_2"].shape == (len(free),)
        # Rotated only: both components stay uncorrelated, with a variance of 1 each, but for the anchor's.
        assert start["xi_1"].std() == pytest.approx(1, abs=0.05)
        assert abs(start["xi_1"][one] - start["xi_1"][other]) > 0
    assert not np.allclose(starts[0], starts[1])


def test_anchors_at_one_point_are_no_reason_to_start_at_other_votes():
    configuration = CASES["two-dimensional"]
    _, _, planned_fits, observations = planned(configuration)
    one, other = observations.plane.anchors
    matrix = np.random.default_rng(1).integers(0, 2, observations.matrix.shape).astype(float)
    matrix[other] = matrix[one]
    observed = np.isfinite(observations.matrix)
    start = planned_fits.restart({"y": matrix[observed].astype(int)})
    assert set(start) == {"xi_1", "xi_2"}
