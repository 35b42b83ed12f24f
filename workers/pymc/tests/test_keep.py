"""What stays on the disk, and that numbers are the same wherever they can be."""

import numpy as np
import pytest
import xarray as xr

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.diagnostics import diagnose
from nx_study_posterior.derive.draws import Draws, read_draws
from nx_study_posterior.storage import save_draws
from nx_study_posterior.trimming import Trimmed


@pytest.fixture
def trimmed():
    random = np.random.default_rng(1)
    shape = (2, 200)
    still = random.normal(size=(*shape, 3))
    still[:, :, 1] = 4
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
    mean = draws.summaries["many"].sel(measure="mean", item="b")
    assert float(mean) == pytest.approx(float(trimmed.posterior["many"].sel(item="b").mean()))


def test_of_every_tenth_draw_the_sampler_s_numbers_are_those_of_all(tmp_path, trimmed):
    _, whole, _ = described(tmp_path / "all.nc", trimmed, "all")
    draws, thinned, _ = described(tmp_path / "thinned.nc", trimmed, {"every": 10})
    assert draws.posterior["draw"].values.tolist() == list(range(0, 200, 10))
    for name in ("divergences", "ebfmi", "ebfmi_min", "tree_depth", "gradients"):
        assert thinned[name] == whole[name]
    assert thinned["draws_kept"] == {"chains": 2, "draws": 20}
    cut = Trimmed(trimmed.posterior.isel(draw=slice(None, None, 10)), trimmed.sample_stats, None, None, [])
    _, alone, _ = described(tmp_path / "alone.nc", cut, "all")
    for name in ("one", "many", "still"):
        assert thinned["variables"][name] == alone["variables"][name]


def test_groups_for_other_programs_are_equally_long(tmp_path, trimmed):
    described(tmp_path / "thinned.nc", trimmed, {"every": 10})
    with xr.open_datatree(tmp_path / "thinned.nc", engine="h5netcdf") as tree:
        assert tree["posterior"].sizes["draw"] == tree["sample_stats"].sizes["draw"] == 20
        assert tree["sample_stats_all"].sizes["draw"] == 200
