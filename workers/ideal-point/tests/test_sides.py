"""Sides: draws whose truth is known, turned in many patterns; nothing is sampled."""

import json

import numpy as np
import pytest
import xarray as xr

from ideal_point.derive.alignment import align
from ideal_point.derive.derived import derive
from ideal_point.derive.draws import VoteDraws
from ideal_point.derive.section import PATH, ideal_point_section
from ideal_point.derive.sides import side_warnings
from nx_study_posterior.derive.absence import Absences

CHAINS, DRAWS, CASES = 4, 1000, 12
# Nine justices; z-scored, the outermost lie at -1.24 and 1.83.
POSITIONS = np.array([-1.3, -1.1, -0.9, -0.7, -0.1, 0.3, 0.6, 1.2, 1.88])
TRUTH = (POSITIONS - POSITIONS.mean()) / POSITIONS.std()
NAMES = [f"J{index}" for index in range(9)]
# Two camps and a justice of neither.
PARTY = np.array(["Left", "Left", "Left", "Left", "Neither", "Right", "Right", "Right", "Right"])


def posterior(seed=1, noise=0.15):
    """VoteDraws around the truth: positions, discriminations and difficulties."""
    generator = np.random.default_rng(seed)
    beta = np.linspace(-2, 2, CASES)
    return {
        "xi": TRUTH + noise * generator.normal(size=(CHAINS, DRAWS, 9)),
        "beta": beta + 0.2 * generator.normal(size=(CHAINS, DRAWS, CASES)),
        "alpha": 0.5 + 0.2 * generator.normal(size=(CHAINS, DRAWS, CASES)),
    }


def draws_of(variables, symmetric=True, component=TRUTH, pair=("Left", "Right")):
    member, rollcall = (index.ravel() for index in np.indices((9, CASES)))
    votes = (TRUTH[member] * np.linspace(-2, 2, CASES)[rollcall] > 0.5).astype(int)
    coordinates = {"legislator": NAMES, "rollcall": [f"case-{index}" for index in range(CASES)]}
    dims = {"xi": "legislator", "beta": "rollcall", "alpha": "rollcall"}
    statistics = {name: (("chain", "draw"), np.zeros((CHAINS, DRAWS))) for name in ("lp", "energy")}
    return VoteDraws(
        posterior=xr.Dataset(
            {name: (("chain", "draw", dims[name]), values) for name, values in variables.items()}, coordinates
        ),
        statistics=xr.Dataset(statistics),
        observed=xr.Dataset({"y": ("cell", votes)}),
        constant=xr.Dataset(
            {
                "member_index": ("cell", member),
                "rollcall_index": ("cell", rollcall),
                "name": ("legislator", NAMES),
                "party": ("legislator", PARTY),
                "first_component": ("legislator", component),
                "recoded": ("rollcall", np.zeros(CASES, dtype=bool)),
            },
            coordinates,
        ),
        attributes={
            "notes": {"reflection_symmetric": symmetric},
            "parties": list(pair) if pair else None,
            "sampler": {"max_treedepth": 10},
        },
    )


def section_of(draws):
    """The section, the reasons for what is null, and the codes of its findings."""
    absences = Absences()
    section = ideal_point_section(draws, align(draws), absences)
    json.dumps(section, allow_nan=False)
    reason = absences.reasons.get(f"{PATH}.aligned")
    return section, absences.reasons, [one["code"] for one in side_warnings(draws, section, reason)]


def turned(variables, signs):
    """The same draws seen in the mirror where a sign is -1."""
    flip = signs[:, :, None]
    return {"xi": variables["xi"] * flip, "beta": variables["beta"] * flip, "alpha": variables["alpha"]}


def once(at=400):
    signs = np.ones((CHAINS, DRAWS))
    signs[1, at:] = -1
    return signs


def often(seed=3):
    generator = np.random.default_rng(seed)
    return np.where(np.cumsum(generator.random((CHAINS, DRAWS)) < 0.02, axis=1) % 2 == 0, 1.0, -1.0)


def a_tenth():
    signs = np.ones((CHAINS, DRAWS))
    signs[2, ::10] = -1
    return signs


def one_draw():
    signs = np.ones((CHAINS, DRAWS))
    signs[0, 17] = -1
    return signs


def whole_chains():
    return np.repeat([[1.0], [-1.0], [1.0], [-1.0]], DRAWS, axis=1)


PATTERNS = {
    "one chain changes sides once": once(),
    "all change often": often(),
    "a tenth of one chain": a_tenth(),
    "a single draw": one_draw(),
    "whole chains disagree": whole_chains(),
    "every chain changes at the middle": np.where(np.arange(DRAWS) < DRAWS // 2, 1.0, -1.0)
    * np.ones((CHAINS, 1)),
}


def numbers(section):
    """All that is derived from aligned positions."""
    return {
        "positions": [one["aligned"] for one in section["positions"]],
        "diagnostics": section["aligned"],
        "correlations": section["correlation_with_pc1"],
        "parties": section["parties"],
        "rollcalls": [one["aligned"] for one in section["rollcalls"]],
        "fit": section["fit"],
    }


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS.keys())
def test_chains_that_change_sides_give_the_numbers_of_those_that_do_not(pattern):
    plain, reasons, codes = section_of(draws_of(posterior()))
    assert (plain["sign"]["split"], plain["sign"]["turned_chains"], codes) == (False, [], [])
    assert list(reasons) == [f"{PATH}.correlation_with_pc1.within_party.Neither"]
    section, reasons, codes = section_of(draws_of(turned(posterior(), pattern)))

    assert section["sign"]["split"] is True
    assert section["sign"]["turned_chains"] == np.flatnonzero((pattern < 0).any(axis=1)).tolist()
    assert section["sign"]["negative_draw_share"] == (pattern < 0).mean(axis=1).tolist()
    assert codes == ["split-sides"]
    flat, expected = (
        json.loads(json.dumps(numbers(one)), parse_float=lambda x: round(float(x), 9))
        for one in (section, plain)
    )
    assert flat == expected

    means = [one["aligned"]["mean"] for one in section["positions"]]
    assert means == pytest.approx(TRUTH, abs=0.03)
    assert max(means) == pytest.approx(1.83, abs=0.03)
    assert section["aligned"]["rhat_max"] < 1.004
    assert section["correlation_with_pc1"]["overall"] > 0.999
    gap = TRUTH[5:].mean() - TRUTH[:4].mean()
    assert section["parties"]["gap_aligned"]["mean"] == pytest.approx(gap, abs=0.03)


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS.keys())
def test_means_over_both_sides_are_not_given(pattern):
    section, reasons, _ = section_of(draws_of(turned(posterior(), pattern)))
    nothing = {"mean": None, "sd": None, "eti90": None}
    assert all(one["raw"] == nothing for one in section["positions"])
    assert all(one["beta"] == nothing and one["alpha"]["mean"] is not None for one in section["rollcalls"])
    assert "both sides" in reasons[f"{PATH}.positions.raw"]
    assert "both sides" in reasons[f"{PATH}.rollcalls.beta"]
    within = (pattern < 0).any(axis=1) & (pattern > 0).any(axis=1)
    correlations = section["sign"]["per_chain_correlation_with_pc1"]
    assert [value is None for value in correlations] == within.tolist()
    for chain in np.flatnonzero(within):
        assert "on both sides" in reasons[f"{PATH}.sign.per_chain_correlation_with_pc1.{chain}"]


def test_discriminations_and_difficulties_on_the_aligned_scale_give_the_same_log_odds():
    variables = turned(posterior(), often())
    variables["xi"] = 3 * variables["xi"] + 0.7
    section, _, _ = section_of(draws_of(variables))
    xi, beta, alpha = (variables[name] for name in ("xi", "beta", "alpha"))
    eta = (beta[:, :, :, None] * xi[:, :, None, :] - alpha[:, :, :, None]).mean(axis=(0, 1))
    position = np.array([one["aligned"]["mean"] for one in section["positions"]])
    for case, one in enumerate(section["rollcalls"]):
        found = one["aligned"]["beta"]["mean"] * position - one["aligned"]["alpha"]["mean"]
        assert found == pytest.approx(eta[case], abs=0.02)


@pytest.mark.parametrize("noise", [1.2, 1.5])
def test_a_few_draws_without_a_side_are_a_finding(noise):
    section, reasons, codes = section_of(draws_of(posterior(noise=noise)))
    share = section["sign"]["weak_draw_share"]
    assert 0.02 < share < 0.1
    assert codes == ["split-sides", "weakly-identified"]
    assert section["positions"][0]["aligned"]["mean"] is not None
    assert f"{PATH}.aligned" not in reasons


def test_positions_that_say_nothing_are_not_turned_into_something():
    generator = np.random.default_rng(5)
    variables = posterior() | {"xi": generator.normal(size=(CHAINS, DRAWS, 9))}
    section, reasons, codes = section_of(draws_of(variables))
    assert section["sign"]["weak_draw_share"] > 0.35
    assert section["sign"]["turned_chains"] == []
    assert codes == ["split-sides", "weakly-identified", "not-aligned"]
    assert "less than 0.2" in reasons[f"{PATH}.aligned"]
    assert_nothing_aligned(section, reasons)


def test_whatever_the_number_of_members_positions_that_say_nothing_are_not_aligned():
    """The limit lies below what comes of chance alone."""
    from ideal_point.derive.alignment import NEAR_ZERO, WEAK_SHARE_MAX

    generator = np.random.default_rng(1)
    shares = []
    for members in (3, 4, 5, 9, 30, 100):
        draws = generator.normal(size=(20_000, members))
        draws -= draws.mean(axis=1, keepdims=True)
        reference = generator.normal(size=members)
        reference -= reference.mean()
        cosines = draws @ reference / np.linalg.norm(draws, axis=1) / np.linalg.norm(reference)
        shares.append((np.abs(cosines) < NEAR_ZERO).mean())
    assert shares[0] == pytest.approx(2 / np.pi * np.arcsin(NEAR_ZERO), abs=0.01)
    assert shares == sorted(shares)
    assert min(shares) > WEAK_SHARE_MAX


def assert_nothing_aligned(section, reasons):
    nothing = {"mean": None, "sd": None, "eti90": None}
    assert all(one["aligned"] == {**nothing, "mcse_mean": None} for one in section["positions"])
    assert all(one["aligned"] == {"alpha": nothing, "beta": nothing} for one in section["rollcalls"])
    assert section["aligned"] == {"size": 9} | dict.fromkeys(
        ("rhat_max", "ess_bulk_min", "ess_tail_min", "mcse_mean_max", "mcse_sd_max")
    )
    assert section["correlation_with_pc1"]["overall"] is None
    assert set(section["correlation_with_pc1"]["within_party"].values()) == {None}
    assert all(one == nothing for one in section["parties"]["mean_aligned"].values())
    assert section["parties"]["gap_aligned"] is None
    for path in ("positions.aligned", "aligned", "correlation_with_pc1", "parties", "rollcalls.aligned"):
        assert reasons[f"{PATH}.{path}"] == reasons[f"{PATH}.aligned"]


@pytest.mark.parametrize(
    ("component", "message"),
    [
        (np.full(9, np.nan), "the first component, by which sides are told, is not defined"),
        (np.zeros(9), "the first component, by which sides are told, is not defined"),
    ],
)
def test_without_a_reference_there_is_nothing_to_turn_to(component, message):
    section, reasons, codes = section_of(draws_of(posterior(), component=component))
    assert reasons[f"{PATH}.aligned"] == message
    assert_nothing_aligned(section, reasons)
    assert section["sign"]["split"] is None
    assert section["sign"]["per_chain_correlation_with_pc1"] == [None] * CHAINS
    assert reasons[f"{PATH}.sign.split"] == message
    assert codes == ["not-aligned"]
    assert section["positions"][0]["raw"]["mean"] is not None


def test_positions_that_do_not_vary_or_are_not_finite_have_no_side():
    variables = posterior()
    variables["xi"][0, 0] = 1.0
    variables["xi"][1, 5, 2] = np.nan
    section, reasons, _ = section_of(draws_of(variables))
    assert reasons[f"{PATH}.aligned"] == "positions do not vary, or are not finite, in 2 of 4000 draws"
    assert_nothing_aligned(section, reasons)
    assert section["positions"][2]["raw"]["mean"] is None
    assert reasons[f"{PATH}.positions.2.raw"] == "a draw is not finite"


def test_where_the_mirror_image_is_no_solution_nothing_is_turned():
    same, _, codes = section_of(draws_of(posterior(), symmetric=False))
    assert (same["sign"]["split"], same["sign"]["turned_chains"], codes) == (False, [], [])
    assert same["positions"][8]["aligned"]["mean"] == pytest.approx(TRUTH[8], abs=0.03)

    against, _, codes = section_of(draws_of(turned(posterior(), -np.ones((CHAINS, DRAWS))), symmetric=False))
    assert against["positions"][8]["aligned"]["mean"] == pytest.approx(-TRUTH[8], abs=0.03)
    assert codes == ["against-orientation"]

    section, reasons, codes = section_of(draws_of(turned(posterior(), once()), symmetric=False))
    assert section["sign"]["split"] is True
    assert "the mirror image is no solution" in reasons[f"{PATH}.aligned"]
    assert_nothing_aligned(section, reasons)
    assert codes == ["split-sides", "not-aligned"]


def test_all_parties_of_the_file_are_shown_and_the_gap_needs_two_that_are_named():
    section, reasons, _ = section_of(draws_of(posterior(), pair=None))
    assert section["parties"]["members"] == {"Left": 4, "Neither": 1, "Right": 4}
    assert set(section["parties"]["mean_aligned"]) == {"Left", "Neither", "Right"}
    assert section["parties"]["gap_aligned"] is None
    assert reasons[f"{PATH}.parties.gap_aligned"] == "the setting `parties` names no two parties"
    assert section["correlation_with_pc1"]["within_party"]["Neither"] is None


def test_findings_are_part_of_what_is_derived(tmp_path):
    draws = draws_of(turned(posterior(), once()))
    generator = np.random.default_rng(1)
    energy = (("chain", "draw"), generator.normal(size=(CHAINS, DRAWS)))
    whole = {
        name: (("chain", "draw"), np.ones((CHAINS, DRAWS), dtype=int)) for name in ("tree_depth", "n_steps")
    }
    flags = {
        name: (("chain", "draw"), np.zeros((CHAINS, DRAWS), dtype=bool))
        for name in ("diverging", "reached_max_treedepth")
    }
    statistics = xr.Dataset({"lp": energy, "energy": energy, **whole, **flags})
    tree = xr.DataTree.from_dict(
        {
            "posterior": draws.posterior,
            "sample_stats": statistics,
            "observed_data": draws.observed,
            "constant_data": draws.constant,
        }
    )
    tree.attrs = {name: json.dumps(value) for name, value in draws.attributes.items()}
    tree.to_netcdf(tmp_path / "draws.nc", engine="h5netcdf")
    derived = derive(tmp_path / "draws.nc")
    assert [one["code"] for one in derived["warnings"]] == ["split-sides"]
    assert "0.0%, 60.0%, 0.0%, 0.0%" in derived["warnings"][0]["message"]
    assert derived["variables"]["xi"]["rhat_max"] > 1.1
    assert derived["sections"]["ideal-point"]["aligned"]["rhat_max"] < 1.004
