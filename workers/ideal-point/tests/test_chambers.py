"""Draws of several chambers: who votes where, shift and stretch, and a chamber that is mirrored."""

import json
from dataclasses import replace

import numpy as np
import pytest
from small import small_draws

from ideal_point.derive.alignment import align
from ideal_point.derive.quantities import quantities
from ideal_point.derive.section import PATH, ideal_point_section
from ideal_point.derive.sides import side_warnings
from ideal_point.scale import chambers_of, positions, standardised
from nx_study_posterior.derive.absence import Absences

FIRST, SECOND = [0, 1, 3, 4, 5], [0, 2, 4, 6, 7]
ONLY_SECOND = [2, 6, 7]


def two_chambers(mirrored=0.0):
    """Half of the small chamber's roll calls in each; a share of the draws mirrors who sits only in `two`."""
    draws = small_draws()
    member, rollcall = draws.constant["member_index"].values, draws.constant["rollcall_index"].values
    here = np.where(rollcall < 6, np.isin(member, FIRST), np.isin(member, SECOND))
    posterior = draws.posterior.copy(deep=True)
    xi = posterior["xi"].values
    turned = int(mirrored * xi.shape[1])
    xi[:, :turned, ONLY_SECOND] *= -1
    constant = draws.constant.isel(cell=np.flatnonzero(here)).assign(
        chamber=("rollcall", (np.arange(12) >= 6).astype(int))
    )
    return replace(
        draws,
        posterior=posterior,
        observed=draws.observed.isel(cell=np.flatnonzero(here)),
        constant=constant,
        attributes={**draws.attributes, "chambers": ["one", "two"]},
    )


def section_of(draws):
    absences, aligned = Absences(), align(draws)
    section = ideal_point_section(draws, aligned, absences)
    json.dumps(section, allow_nan=False)
    return section, absences, [one["code"] for one in side_warnings(draws, section, aligned.reason)]


def test_who_votes_where():
    found = chambers_of(two_chambers())
    assert {name: at.tolist() for name, at in found.items()} == {"one": FIRST, "two": SECOND}
    assert chambers_of(small_draws()) == {}


def of_chambers(draws):
    nothing = {"correct_share": None, "apre": None}
    fit = {**nothing, "mcse": nothing}
    found = quantities(draws, align(draws), fit)
    return [one for one in found if one.name.startswith("chamber_")]


def test_shift_and_stretch_are_those_of_the_positions():
    draws = two_chambers()
    shift, stretch = of_chambers(draws)
    assert (shift.name, stretch.name) == ("chamber_shift.two", "chamber_stretch.two")
    standard = standardised(positions(draws.posterior))
    one, two = standard[:, :, FIRST], standard[:, :, SECOND]
    assert shift.values == pytest.approx(two.mean(axis=2) - one.mean(axis=2))
    assert stretch.values == pytest.approx(two.std(axis=2) / one.std(axis=2))
    assert shift.values.mean() > 0.2
    assert of_chambers(small_draws()) == []


def test_chambers_are_listed_with_their_sides():
    section, _, codes = section_of(two_chambers())
    assert section["chambers"] == [
        {"chamber": "one", "legislators": 5, "rollcalls": 6, "mirrored_draw_share": 0.0},
        {"chamber": "two", "legislators": 5, "rollcalls": 6, "mirrored_draw_share": 0.0},
    ]
    assert codes == []
    assert "chambers" not in section_of(small_draws())[0]


@pytest.mark.parametrize(
    ("share", "expected"), [(0.06, ["mirrored-chamber"]), (0.2, ["mirrored-chamber", "not-aligned"])]
)
def test_a_chamber_that_lies_the_other_way_round_is_found(share, expected):
    section, absences, codes = section_of(two_chambers(mirrored=share))
    assert [code for code in codes if code in ("mirrored-chamber", "not-aligned")] == expected
    assert max(one["mirrored_draw_share"] for one in section["chambers"]) == pytest.approx(share, abs=0.01)
    reason = absences.reasons.get(f"{PATH}.aligned")
    assert (reason is not None) == ("not-aligned" in expected)
    assert (section["positions"][0]["aligned"]["mean"] is None) == ("not-aligned" in expected)
