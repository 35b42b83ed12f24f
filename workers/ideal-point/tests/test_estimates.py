import dataclasses

import arviz as az
import numpy as np
import pytest
import xarray as xr
from conftest import read_json
from small import PARTIES, small_draws

from ideal_point.derive.alignment import align
from ideal_point.derive.fit import BLOCKS, Blocks, fitted
from ideal_point.derive.fit import fit as fit_of
from ideal_point.derive.quantities import quantities
from ideal_point.derive.section import ideal_point_section
from ideal_point.scale import positions as drawn
from ideal_point.scale import standardised
from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.estimates import Quantity, estimates

FIT = {"correct_share": 0.9, "apre": 0.5, "mcse": {"correct_share": 0.001, "apre": 0.003}}
NUMBERS = ("mean", "sd", "eti90", "mcse_mean", "ess_bulk", "ess_tail", "rhat")


def found(draws, fit=FIT):
    absences = Absences()
    return estimates(quantities(draws, align(draws), fit), absences), absences.reasons


def test_a_draw_that_is_no_number_classifies_no_vote():
    draws = small_draws()
    whole = fit_of(draws, fitted(draws), Absences(), "fit")
    draws.posterior["beta"].values[0, 0, 0] = np.nan
    absences = Absences()
    broken = fit_of(draws, fitted(draws), absences, "fit")
    assert whole["correct_share"] is not None
    assert broken["correct_share"] is None
    assert broken["apre"] is None
    assert broken["log_likelihood"] == {"mean": None, "sd": None}
    assert absences.reasons["fit.correct_share"] == "a draw is not finite"
    assert found(draws, broken)[0]["correct_share"]["mean"] is None


def test_party_numbers_are_those_computed_by_hand():
    draws = small_draws()
    xi = draws.posterior["xi"].values
    z = (xi - xi.mean(axis=2, keepdims=True)) / xi.std(axis=2, keepdims=True)
    party = np.array(PARTIES)
    by_hand = {
        "party_gap": z[:, :, party == "R"].mean(axis=2) - z[:, :, party == "D"].mean(axis=2),
        "party_mean.D": z[:, :, party == "D"].mean(axis=2),
        "party_mean.I": z[:, :, 3],
        "party_spread.R": z[:, :, party == "R"].std(axis=2),
        "position_sd": xi.std(axis=2),
        "discrimination_mean": np.abs(draws.posterior["beta"].values).mean(axis=2) * xi.std(axis=2),
    }
    derived, reasons = found(draws)
    for name, values in by_hand.items():
        assert derived[name]["mean"] == pytest.approx(values.mean(), rel=1e-12), name
        assert derived[name]["sd"] == pytest.approx(values.std(ddof=1), rel=1e-9), name
        assert derived[name]["eti90"] == pytest.approx(np.quantile(values, [0.05, 0.95]).tolist()), name
        tree = az.from_dict({"posterior": {"x": values}})
        assert derived[name]["mcse_mean"] == pytest.approx(float(az.mcse(tree, method="mean")["x"])), name
        assert derived[name]["ess_bulk"] == pytest.approx(float(az.ess(tree, method="bulk")["x"])), name
        assert derived[name]["rhat"] == pytest.approx(float(az.rhat(tree)["x"])), name
    assert set(reasons) == {"estimates.correct_share", "estimates.apre"}
    # A party of one has a mean, and no spread.
    assert "party_spread.I" not in derived
    assert [name for name, one in derived.items() if one["main"]] == ["party_gap"]


def test_variance_between_parties_is_that_of_an_analysis_of_variance():
    draws = small_draws(draws=5)
    party = np.array(PARTIES)
    members = party != "I"
    values = []
    for xi in draws.posterior["xi"].values.reshape(-1, len(PARTIES)):
        pair, names = xi[members], party[members]
        within = sum(((pair[names == name] - pair[names == name].mean()) ** 2).sum() for name in ("D", "R"))
        values.append(1 - within / ((pair - pair.mean()) ** 2).sum())
    assert found(draws)[0]["party_variance_share"]["mean"] == pytest.approx(np.mean(values), rel=1e-12)


def test_the_correlation_with_the_first_component_is_turned_with_the_draws():
    draws = small_draws()
    mirrored = draws.posterior.copy(deep=True)
    mirrored["xi"].values[2] *= -1
    turned, _ = found(dataclasses.replace(draws, posterior=mirrored))
    plain, _ = found(draws)
    assert turned["pc1_correlation"]["mean"] == pytest.approx(plain["pc1_correlation"]["mean"])
    assert plain["pc1_correlation"]["mean"] > 0.9
    for name in ("mean", "sd", "eti90", "mcse_mean", "rhat"):
        assert turned["party_gap"][name] == pytest.approx(plain["party_gap"][name])


def test_without_aligned_positions_there_is_a_reason():
    draws = small_draws(notes={"reflection_symmetric": False})
    draws.posterior["xi"].values[1] *= -1
    derived, reasons = found(draws)
    assert [derived["party_gap"][name] for name in NUMBERS] == [None] * len(NUMBERS)
    assert "both sides" in reasons["estimates.party_gap"]
    # The same for both mirror images.
    assert derived["position_sd"]["mean"] > 0


def test_one_number_has_no_interval():
    derived, reasons = found(small_draws(), {**FIT, "apre": None})
    assert derived["correct_share"]["mean"] == 0.9
    assert derived["correct_share"]["sd"] is None
    assert derived["correct_share"]["mcse_mean"] == 0.001
    assert "no draws of its own" in reasons["estimates.correct_share"]
    assert derived["apre"]["mean"] is None
    assert reasons["estimates.apre.mean"] == "every vote was unanimous"


@pytest.mark.parametrize(
    ("values", "missing", "reason"),
    [
        (np.ones((2, 50)), ("mcse_mean", "rhat"), "the same number in every draw"),
        (np.arange(6.0).reshape(2, 3), ("mcse_mean", "ess_bulk"), "needs four draws"),
        (np.arange(50.0).reshape(1, 50), ("rhat",), "needs two chains"),
    ],
)
def test_too_little_for_a_diagnostic_is_null_with_a_reason(values, missing, reason):
    absences = Absences()
    one = estimates([Quantity("x", "x", "x", values)], absences)["x"]
    assert one["mean"] == values.mean()
    for name in missing:
        assert one[name] is None
        assert reason in absences.reasons[f"estimates.x.{name}"]


def test_a_draw_that_is_not_finite_leaves_no_estimate():
    absences = Absences()
    values = np.ones((2, 50))
    values[1, 3] = np.nan
    assert estimates([Quantity("x", "x", "x", values)], absences)["x"]["mean"] is None
    assert absences.reasons["estimates.x"] == "1 of 100 draws are not finite"


def test_positions_have_the_monte_carlo_error_that_arviz_computes(measured):
    draws = small_draws()
    aligned = align(draws)
    positions = ideal_point_section(draws, aligned, Absences())["positions"]
    standard = standardised(drawn(draws.posterior)) * aligned.signs[:, :, None]
    tree = az.from_dict({"posterior": {"z": standard}})
    expected = az.mcse(tree, method="mean")["z"].values
    assert [one["aligned"]["mcse_mean"] for one in positions] == pytest.approx(expected.tolist())
    section = read_json(measured / "derived.json")["sections"]["ideal-point"]
    assert all(0 < one["aligned"]["mcse_mean"] < one["aligned"]["sd"] for one in section["positions"])


def test_a_measurement_has_the_gap_of_its_section_among_its_estimates(measured):
    derived = read_json(measured / "derived.json")
    gap = derived["sections"]["ideal-point"]["parties"]["gap_aligned"]
    assert {name: derived["estimates"]["party_gap"][name] for name in gap} == gap
    with xr.open_datatree(measured / "draws.nc", engine="h5netcdf") as tree:
        assert derived["draws_kept"]["chains"] == tree["posterior"].sizes["chain"]


def test_classified_shares_have_a_monte_carlo_error():
    many = small_draws(draws=1_000)
    whole = fit_of(many, fitted(many), Absences(), "fit")
    assert whole["draws_used"] == 4_000
    assert whole["mcse"]["apre"] >= 0
    absences, few = Absences(), small_draws(draws=5)
    short = fit_of(few, fitted(few), absences, "fit")
    assert short["mcse"] == {"correct_share": None, "apre": None}
    assert absences.reasons["fit.mcse.apre"] == "fewer than 40 draws, or no number"


def test_chains_that_disagree_leave_no_error_of_shares():
    """Blocks lie within chains, so that they do not see it."""
    draws = small_draws(draws=1_000)
    posterior = draws.posterior.copy(deep=True)
    posterior["alpha"] = posterior["alpha"] + xr.DataArray([0.0, 0.0, 0.0, 2.0], dims="chain")
    absences, apart = (
        Absences(),
        dataclasses.replace(draws, posterior=posterior.transpose("chain", "draw", ...)),
    )
    found = fit_of(apart, fitted(apart), absences, "fit")
    assert found["apre"] is not None
    assert found["mcse"] == {"correct_share": None, "apre": None}
    assert absences.reasons["fit.mcse.apre"].startswith("chains disagree")


def test_more_draws_than_needed_for_means_are_thinned():
    assert len(fitted(small_draws(draws=2_500)).totals) == 5_000  # every second of 10,000


def test_the_error_is_the_spread_over_other_draws():
    """Of votes whose probability is near one half, so that many change their side."""
    random = np.random.default_rng(3)
    centers = random.normal(0, 0.05, 300)
    counts, errors = [], []
    for _ in range(60):
        blocks = Blocks(300, 400)
        for _part in range(5):
            # What a draw has in common with the next one.
            common = np.repeat(random.normal(0, 0.5, (20, 1)), 4, axis=0)
            eta = centers + common + random.normal(0, 1, (80, 300))
            blocks.add(1 / (1 + np.exp(-eta)))
        counts.append((blocks.mean() < 0.5).sum())
        errors.append(blocks.error_of(lambda probability: (probability < 0.5).sum()))
    assert BLOCKS == 40
    assert np.mean(errors) == pytest.approx(np.std(counts, ddof=1), rel=0.35)
