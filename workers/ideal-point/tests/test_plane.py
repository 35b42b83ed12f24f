"""Two dimensions: how they are rotated, and how draws are turned in each of them."""

import json

import numpy as np
import pytest
import xarray as xr
from conftest import senate, simulated
from small import PARTIES, small_draws

from ideal_point.check import check
from ideal_point.config import read_configuration
from ideal_point.data import observe
from ideal_point.derive.alignment import align
from ideal_point.derive.draws import VoteDraws
from ideal_point.derive.second import add_second_dimension, second_warnings
from ideal_point.derive.section import ideal_point_section
from nx_study_posterior.derive.absence import Absences
from nx_study_worker import Unsupported

POSITIVE = {"distribution": "halfnormal", "sigma": 1}


def observed(**more):
    return observe(read_configuration(simulated(model="two-dimensional", **more)))


def test_anchors_have_the_same_second_coordinate():
    order = np.argsort(observed().component.scores)
    ids = [observed().members[at].id for at in order]
    found = observed(anchors=[ids[-2], ids[3]])
    one, other = found.plane.anchors
    assert [found.members[at].id for at in (one, other)] == [ids[-2], ids[3]]
    start = found.plane.start
    assert start[one, 1] == start[other, 1]
    assert np.corrcoef(start[:, 0], found.component.scores)[0, 1] > 0.7
    # A rotation: distances are what they were.
    again = observed().plane.start
    assert np.linalg.norm(start[3] - start[7]) == pytest.approx(np.linalg.norm(again[3] - again[7]), abs=1e-4)


@pytest.mark.slow
def test_without_anchors_they_are_the_ends_of_the_first_component_of_those_who_vote():
    found = observe(read_configuration(senate(model="two-dimensional")))
    scores = found.component.scores
    one, other = found.plane.anchors
    often = np.isfinite(found.matrix).mean(axis=1) >= 0.5
    assert not often.all()
    assert (scores[one], scores[other]) == (scores[often].min(), scores[often].max())


@pytest.mark.parametrize(
    ("anchors", "message"),
    [
        (["1001", "9999"], "anchors: '9999' is nobody's id"),
        (["1001", 1001], "anchors: both are MEMBER 1001"),
    ],
)
def test_anchors_that_name_nobody(anchors, message):
    (problem,) = check(simulated(model="two-dimensional", anchors=anchors))["problems"]
    assert problem["path"] == "anchors"
    assert message in problem["message"]


def test_anchors_that_are_near_each_other_are_refused():
    found = observed()
    order = np.argsort(found.component.scores)
    distance = np.linalg.norm(found.plane.start - found.plane.start[order[14]], axis=1)
    near = [found.members[at].id for at in np.argsort(distance)[:2]]
    with pytest.raises(Unsupported, match="hardly say how the two dimensions are rotated"):
        observed(anchors=near)


def test_a_positive_discrimination_is_refused():
    with pytest.raises(Unsupported, match="beta_prior"):
        observed(beta_prior=POSITIVE)


def plane_draws(signs, noise=0.1, seed=1):
    """The small chamber with a second dimension; `signs` (chain, draw, dimension) mirror the draws."""
    flat = small_draws()
    generator = np.random.default_rng(seed)
    chains, count, members = flat.posterior["xi"].shape
    rollcalls = flat.posterior.sizes["rollcall"]
    second = np.array([1.0, -1.0, 0.3, 1.2, -0.4, 0.9, -1.1, -0.9])
    truth = np.column_stack([flat.constant["first_component"].values, second])
    slopes = np.column_stack([np.linspace(0.5, 2, rollcalls), np.linspace(-1, 1, rollcalls)])
    xi = truth + noise * generator.normal(size=(chains, count, members, 2))
    beta = slopes + noise * generator.normal(size=(chains, count, rollcalls, 2))
    turn = signs[:, :, None, :]
    posterior = xr.Dataset(
        {
            "xi": (("chain", "draw", "legislator", "dimension"), xi * turn),
            "alpha": flat.posterior["alpha"],
            "beta": (("chain", "draw", "rollcall", "dimension"), beta * turn),
        },
        coords=flat.posterior.coords,
    )
    constant = flat.constant.assign(components=(("legislator", "dimension"), truth))
    notes = {"reflection_symmetric": True, "anchors": ["m0", "m7"]}
    return VoteDraws(posterior, flat.statistics, flat.observed, constant, {**flat.attributes, "notes": notes})


def section_of(draws):
    absences = Absences()
    section = ideal_point_section(draws, align(draws), absences)
    second = align(draws, dimension=1)
    add_second_dimension(section, draws, second, absences)
    json.dumps(section, allow_nan=False)
    return section, absences, [one["code"] for one in second_warnings(draws, section, second.reason)]


def test_each_dimension_is_turned_by_itself():
    shape = (*small_draws().posterior["xi"].shape[:2], 2)
    straight, _, none = section_of(plane_draws(np.ones(shape)))
    signs = np.random.default_rng(5).choice([-1.0, 1.0], shape)
    mixed, absences, codes = section_of(plane_draws(signs))
    assert none == []
    assert codes == ["split-sides-2"]
    for index in range(len(PARTIES)):
        for here, there in (
            (straight["positions"][index]["aligned"], mixed["positions"][index]["aligned"]),
            (
                straight["positions"][index]["second"]["aligned"],
                mixed["positions"][index]["second"]["aligned"],
            ),
        ):
            assert here["mean"] == pytest.approx(there["mean"])
            assert here["eti90"] == pytest.approx(there["eti90"])
    for one, other in zip(straight["rollcalls"], mixed["rollcalls"], strict=True):
        assert one["second"]["aligned"]["beta"]["mean"] == pytest.approx(
            other["second"]["aligned"]["beta"]["mean"]
        )
        assert one["aligned"]["alpha"]["mean"] == pytest.approx(other["aligned"]["alpha"]["mean"])
    # Raw means cancel out.
    assert mixed["positions"][0]["raw"]["mean"] is None
    assert mixed["positions"][0]["second"]["raw"]["mean"] is None
    assert "sections.ideal-point.second_dimension.raw" in absences.reasons
    assert mixed["fit"] == straight["fit"]
    assert mixed["second_dimension"]["sign"]["split"] is True
    assert mixed["second_dimension"]["correlation_with_pc2"] > 0.99
    assert mixed["second_dimension"]["anchors"] == ["m0", "m7"]


def test_a_second_dimension_without_information_has_no_aligned_numbers():
    draws = plane_draws(np.ones((*small_draws().posterior["xi"].shape[:2], 2)))
    draws.posterior["xi"].values[..., 1] = np.random.default_rng(1).normal(size=(4, 250, 8))
    section, absences, codes = section_of(draws)
    assert section["positions"][0]["second"]["aligned"]["mean"] is None
    assert "correlate by less than" in absences.reasons["sections.ideal-point.second_dimension.aligned"]
    assert codes == ["split-sides-2", "weakly-identified-2", "not-aligned-2"]
    assert section["positions"][0]["aligned"]["mean"] is not None
