"""Elements that never move: those of deterministic variables say nothing, those of free ones are stuck."""

import numpy as np
import pytest
import xarray as xr
from kit_schemas import problems_of

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.convergence import convergence
from nx_study_posterior.derive.derived import nothing_kept
from nx_study_posterior.derive.diagnostics import diagnose
from nx_study_posterior.derive.draws import Draws, read_draws
from nx_study_posterior.derive.estimates import Quantity, estimates
from nx_study_posterior.derive.sensitivity import LogDensities, sensitivity
from nx_study_posterior.derive.worst import worst_of
from nx_study_posterior.elements import MEASURE, summaries
from nx_study_posterior.storage import save_draws
from nx_study_posterior.trimming import Trimmed

SAMPLE = ("chain", "draw")


def described(path, posterior, free, keep="all"):
    shape = (4, 200)
    sizes = next(iter(posterior.values())).shape[:2]
    assert sizes == shape
    random = np.random.default_rng(2)
    dataset = xr.Dataset(
        {
            name: ((*SAMPLE, *(f"{name}_dim_{at}" for at in range(values.ndim - 2))), values)
            for name, values in posterior.items()
        }
    )
    statistics = xr.Dataset(
        {name: (SAMPLE, random.normal(size=shape)) for name in ("lp", "energy", "tree_depth", "n_steps")}
    ).assign({name: (SAMPLE, np.zeros(shape, bool)) for name in ("diverging", "reached_max_treedepth")})
    trimmed = Trimmed(dataset, statistics, None, None, [200] * 4)
    save_draws(path, trimmed, {}, {"sampler": {"keep": keep, "max_treedepth": 10}, "free": free})
    draws, absences = read_draws(path, Draws), Absences()
    return draws, {**diagnose(draws, absences), "reasons": absences.reasons}


def test_a_model_may_have_a_dimension_of_any_name():
    """Summaries have one of their own."""
    values = np.random.default_rng(3).normal(size=(4, 200, 3))
    found = summaries(xr.Dataset({"mean": ((*SAMPLE, "measure"), values)}))
    assert found["mean"].sel({MEASURE: "mean"}).values == pytest.approx(values.mean(axis=(0, 1)))


@pytest.fixture
def posterior():
    """`gap` has a reference, `corr` a computed diagonal of 1, `stuck` an element that never moved."""
    random = np.random.default_rng(1)
    free = random.normal(size=(4, 200, 3))
    gap = np.concatenate([np.zeros((4, 200, 1)), free], axis=2)
    angle = random.uniform(0.1, 1.4, (4, 200))
    factor = np.zeros((4, 200, 2, 2))
    factor[..., 0, 0], factor[..., 1, 0], factor[..., 1, 1] = 1, np.sin(angle), np.cos(angle)
    corr = factor @ np.swapaxes(factor, -1, -2)
    assert np.ptp(corr[..., 1, 1]) > 0  # by rounding
    stuck = random.normal(size=(4, 200, 2))
    stuck[..., 1] = 3
    one = np.ones((4, 200))
    return {"free": free, "gap": gap, "corr": corr, "stuck": stuck, "one": one, "above": free[..., 0] > 0}


FREE = ["free", "stuck"]


@pytest.mark.parametrize("keep", ["all", "summary", {"every": 2}])
def test_only_free_variables_must_move(tmp_path, posterior, keep):
    _, found = described(tmp_path / "draws.nc", posterior, FREE, keep)
    variables, reasons = found["variables"], found["reasons"]
    worst = ("rhat_max", "ess_bulk_min", "ess_tail_min", "mcse_mean_max", "mcse_sd_max")
    assert [variables["gap"][key] for key in worst] == [variables["free"][key] for key in worst]
    assert (variables["gap"]["constant"], variables["gap"]["gated"]) == (1, True)
    assert (variables["corr"]["constant"], variables["corr"]["size"]) == (2, 4)
    assert variables["corr"]["rhat_max"] == pytest.approx(1, abs=0.02)
    assert (variables["one"]["constant"], variables["one"]["gated"], variables["one"]["rhat_max"]) == (
        1,
        False,
        None,
    )
    assert reasons["variables.one.rhat_max"] == "all its elements are constant"
    assert (variables["above"]["constant"], variables["above"]["rhat_max"] < 1.05) == (0, True)
    assert (variables["stuck"]["constant"], variables["stuck"]["gated"]) == (0, True)
    assert variables["stuck"]["rhat_max"] is None
    assert (
        reasons["variables.stuck.rhat_max"] == "1 of 2 elements have none; the first, stuck[1], is constant"
    )
    assert problems_of("posterior.derived", {**nothing_kept(), **found}) == []


def test_what_is_not_finite_fails_also_in_a_deterministic_variable(tmp_path, posterior):
    posterior["gap"][..., 0] = np.inf
    _, found = described(tmp_path / "draws.nc", posterior, FREE)
    assert found["variables"]["gap"]["constant"] == 0
    assert found["reasons"]["variables.gap.rhat_max"] == (
        "1 of 4 elements have none; the first, gap[0], is not finite"
    )


def test_where_nobody_says_what_is_free_every_element_must_move(tmp_path, posterior):
    draws, _ = described(tmp_path / "draws.nc", posterior, FREE)
    unknown = Draws(
        draws.posterior, draws.statistics, draws.observed, draws.constant, {"sampler": {"max_treedepth": 10}}
    )
    assert diagnose(unknown, Absences())["variables"]["gap"]["rhat_max"] is None


@pytest.mark.parametrize("keep", ["all", {"every": 2}])
def test_the_worst_element_is_one_that_moves(tmp_path, posterior, keep):
    apart = posterior["gap"].copy()
    apart[:, :, 2] += np.arange(4)[:, None]
    draws, found = described(tmp_path / "draws.nc", {"gap": apart, "free": posterior["free"]}, FREE, keep)
    ranks = convergence(draws, {}, found["variables"], Absences())["ranks"]
    assert [one["label"] for one in ranks] == ["gap[2]"]


def test_of_several_fits_those_count_in_which_a_variable_moves(tmp_path, posterior):
    _, still = described(tmp_path / "still.nc", posterior, FREE)
    moving = {**posterior, "one": posterior["free"][..., 0]}
    _, moves = described(tmp_path / "moves.nc", moving, FREE)
    absences = Absences()
    one = worst_of([still, moves], absences)["variables"]["one"]
    assert (one["constant"], one["gated"]) == (1, True)
    assert one["rhat_max"] == moves["variables"]["one"]["rhat_max"]
    assert worst_of([still, still], absences)["variables"]["one"]["gated"] is False
    assert absences.reasons["variables.stuck.rhat_max"].endswith("is constant (fit 1 of 2)")


def test_a_quantity_that_moves_by_rounding_alone_has_no_monte_carlo_error(posterior):
    whole, absences = posterior["corr"][..., 1, 1], Absences()
    one = estimates([Quantity("one", "one", "A sum of shares", whole)], absences)["one"]
    assert one["mean"] == pytest.approx(1)
    assert [one[key] for key in ("mcse_mean", "ess_bulk", "ess_tail", "rhat")] == [None] * 4
    assert absences.reasons["estimates.one.rhat"] == "it is the same number in every draw"
    # Nor does it hang on the prior.
    log_density = np.random.default_rng(3).normal(size=(4, 200))
    densities = LogDensities(log_density, log_density, ["p"], 1)
    found = sensitivity([Quantity("one", "one", "A sum of shares", whole)], densities, absences)
    assert found["estimates"] == {}
