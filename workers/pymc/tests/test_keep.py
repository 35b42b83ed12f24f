"""What stays on the disk, and that numbers are the same wherever they can be."""

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.convergence import convergence
from nx_study_posterior.derive.diagnostics import diagnose
from nx_study_posterior.derive.draws import Draws, read_draws
from nx_study_posterior.derive.estimates import of_kept_draws
from nx_study_posterior.derive.overlap import overlaps
from nx_study_posterior.elements import MEASURE, mixing
from nx_study_posterior.fit import fit
from nx_study_posterior.sampling import Prepared, Sampled, Settings
from nx_study_posterior.stopwatch import Stopwatch
from nx_study_posterior.storage import save_draws
from nx_study_posterior.trimming import Trimmed
from pymc_worker.derive.quantities import quantities


@pytest.fixture
def trimmed():
    random = np.random.default_rng(1)
    shape = (2, 200)
    still = random.normal(size=(*shape, 3))
    still[:, :, 1] = 0.1
    posterior = xr.Dataset(
        {
            "one": (("chain", "draw"), random.normal(size=shape)),
            "many": (("chain", "draw", "item"), random.normal(size=(*shape, 3)).cumsum(axis=1)),
            "still": (("chain", "draw", "item"), still),
        },
        coords={"chain": [0, 1], "draw": np.arange(200), "item": ["a", "b", "c"]},
    )
    names = ("lp", "energy", "tree_depth", "n_steps")
    statistics = xr.Dataset({name: (("chain", "draw"), random.integers(1, 9, shape)) for name in names})
    flags = {name: random.random(shape) < 0.1 for name in ("diverging", "reached_max_treedepth")}
    statistics = statistics.assign({name: (("chain", "draw"), values) for name, values in flags.items()})
    return Trimmed(posterior, statistics, None, None, [200, 200])


def described(path, trimmed, keep):
    save_draws(path, trimmed, {}, {"sampler": {"keep": keep, "max_treedepth": 10}})
    draws, absences = read_draws(path, Draws), Absences()
    return draws, diagnose(draws, absences), absences.reasons


def test_a_summary_has_the_same_diagnostics_without_the_draws(tmp_path, trimmed):
    _, whole, why_whole = described(tmp_path / "all.nc", trimmed, "all")
    draws, summary, why = described(tmp_path / "summary.nc", trimmed, "summary")
    assert list(draws.posterior.data_vars) == ["one"]
    assert summary["variables"] == whole["variables"]
    assert {**summary, "variables": 0} == {**whole, "variables": 0}
    assert why == why_whole
    assert why["variables.still.rhat_max"] == "1 of 3 elements have none; the first, still[b], is constant"
    mean = draws.summaries["many"].sel({MEASURE: "mean"}).sel(item="b")
    assert float(mean) == pytest.approx(float(trimmed.posterior["many"].sel(item="b").mean()))


def test_with_every_tenth_draw_diagnostics_are_those_of_all(tmp_path, trimmed):
    """Gates judge the sampling: a tenth of the draws can't have as many effective ones."""
    _, whole, why_whole = described(tmp_path / "all.nc", trimmed, "all")
    draws, thinned, why = described(tmp_path / "thinned.nc", trimmed, {"every": 10})
    xr.testing.assert_identical(draws.posterior, trimmed.posterior.isel(draw=slice(None, None, 10)))
    assert thinned == whole
    assert why == why_whole
    assert thinned["draws_kept"] == {"chains": 2, "draws": 200}
    assert thinned["variables"]["one"]["ess_bulk_min"] > 2 * 20
    # Numbers of variables that are one number have all their draws.
    [one] = quantities(draws)
    assert one.values.tolist() == trimmed.posterior["one"].values.tolist()
    assert of_kept_draws(one, draws).values.tolist() == draws.posterior["one"].values.tolist()


@pytest.mark.parametrize("keep", ["all", {"every": 10}, "summary"])
def test_the_element_with_the_highest_rhat_is_that_of_all_draws(tmp_path, trimmed, keep):
    draws, diagnostics, _ = described(tmp_path / "draws.nc", trimmed, keep)
    worst = int(np.argmax(mixing(trimmed.posterior["many"].values)["rhat"]))
    shown = convergence(draws, {}, diagnostics["variables"], Absences())["ranks"]
    labels = [] if keep == "summary" else [f"many[{'abc'[worst]}]"]
    # Of the draws that are left, another one would be the worst.
    assert [one["label"] for one in shown] == labels


def test_what_needs_draws_that_are_left_out_says_so(tmp_path, trimmed):
    draws, _, _ = described(tmp_path / "draws.nc", trimmed, "summary")
    reason = "`keep: summary` leaves out the draws of many, still"
    assert draws.without_draws(["one", "many", "still"]) == reason
    assert draws.without_draws(["one"]) is None
    absences = Absences()
    prior = np.random.default_rng(1).normal(size=1000)
    found = overlaps({"one": prior, "many": prior[:, None] + np.zeros(3)}, draws, absences)
    assert found["one"]["elements"] == 1
    assert found["many"] is None
    assert absences.reasons == {"overlap.many": "`keep: summary` leaves out the draws of many"}


@pytest.mark.parametrize(("complete", "keep"), [(True, "summary"), (False, "all")])
def test_a_run_that_is_stopped_keeps_all_its_draws(monkeypatch, trimmed, complete, keep):
    """It has a few seconds to save; summaries of a large model take longer."""
    trace = xr.DataTree.from_dict({"posterior": trimmed.posterior, "sample_stats": trimmed.sample_stats})
    prepared = Prepared("fake", 1, lambda _report, _stopping: Sampled(trace, complete))
    monkeypatch.setattr("nx_study_posterior.fit.prepare", lambda _built, _settings: prepared)
    events = SimpleNamespace(phase=lambda _name: None)
    task = SimpleNamespace(events=events, stop=SimpleNamespace(defer=lambda: None, requested=not complete))
    settings = Settings(
        chains=2, tune=10, draws=200, target_accept=0.8, adaptation="diag", seed=1, cores=1, keep="summary"
    )
    built = SimpleNamespace(jittered=(), model=SimpleNamespace(free_RVs=()))
    done = fit(task, Stopwatch(task), built, settings)
    assert done.settings.keep == keep
    assert done.trimmed.draws == 200


def test_groups_for_other_programs_are_equally_long(tmp_path, trimmed):
    described(tmp_path / "thinned.nc", trimmed, {"every": 10})
    with xr.open_datatree(tmp_path / "thinned.nc", engine="h5netcdf") as tree:
        assert tree["posterior"].sizes["draw"] == tree["sample_stats"].sizes["draw"] == 20
        assert tree["sample_stats_all"].sizes["draw"] == 200
