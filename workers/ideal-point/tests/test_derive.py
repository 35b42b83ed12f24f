import hashlib
import shutil

import numpy as np
import pytest
import xarray as xr
from conftest import SIMULATED, read_json, run_worker

from ideal_point.derive.derived import derive


def changed(measured, folder, change):
    """A copy of the measured draws after `change(posterior, statistics)`."""
    with xr.open_datatree(measured / "draws.nc", engine="h5netcdf") as tree:
        groups = {name: node.to_dataset().load() for name, node in tree.children.items()}
        attributes = dict(tree.attrs)
    groups["posterior"], groups["sample_stats"] = change(groups["posterior"], groups["sample_stats"])
    copy = xr.DataTree.from_dict(groups)
    copy.attrs = attributes
    copy.to_netcdf(folder / "draws.nc", engine="h5netcdf")
    return derive(folder / "draws.nc")


def test_deriving_again_gives_the_same_and_changes_nothing(measured, tmp_path):
    before = {path.name: hashlib.sha256(path.read_bytes()).digest() for path in measured.iterdir()}
    out = tmp_path / "derived.json"
    shutil.copytree(measured, tmp_path / "run")
    run_worker(tmp_path / "run", "derive", out)
    assert out.read_bytes() == (measured / "derived.json").read_bytes()
    assert {path.name: hashlib.sha256(path.read_bytes()).digest() for path in measured.iterdir()} == before


def test_shape_of_what_is_derived(measured):
    derived = read_json(measured / "derived.json")
    assert set(derived) == {
        *("variables", "divergences", "ebfmi", "ebfmi_min", "tree_depth", "gradients"),
        *("draws_kept", "basis", "estimates", "loo", "convergence", "priors", "sensitivity", "overlap"),
        *("sections", "warnings", "reasons"),
    }
    assert {name: variable["gated"] for name, variable in derived["variables"].items()} == {
        "xi": True,
        "alpha": True,
        "beta": True,
        "log_density": False,
    }
    assert derived["draws_kept"] == {"chains": 4, "draws": 1000}
    assert len(derived["ebfmi"]) == 4
    assert derived["tree_depth"]["limit"] == 10
    section = derived["sections"]["ideal-point"]
    assert len(section["positions"]) == 30
    assert len(section["rollcalls"]) == 40
    for position in section["positions"]:
        for scale in ("raw", "aligned"):
            low, high = position[scale]["eti90"]
            assert low < position[scale]["mean"] < high
    assert section["sign"]["split"] is False
    assert section["correlation_with_pc1"]["overall"] > 0.95
    assert set(section["correlation_with_pc1"]["within_party"]) == {"R", "D"}
    assert section["parties"]["gap_aligned"]["mean"] > 1
    assert section["fit"]["correct_share"] > section["fit"]["majority_share"]


def test_diagnostics_agree_with_arviz(measured):
    import arviz as az

    derived = read_json(measured / "derived.json")
    tree = az.from_netcdf(measured / "draws.nc")
    rhat, bulk = az.rhat(tree), az.ess(tree, method="bulk")
    for name in ("xi", "alpha", "beta"):
        assert derived["variables"][name]["rhat_max"] == pytest.approx(float(rhat[name].max()))
        assert derived["variables"][name]["ess_bulk_min"] == pytest.approx(float(bulk[name].min()))


def test_simulated_positions_are_recovered(measured):
    truth = np.loadtxt(SIMULATED / "truth.csv", delimiter=",", skiprows=1)[:, 1]
    truth = (truth - truth.mean()) / truth.std()
    positions = read_json(measured / "derived.json")["sections"]["ideal-point"]["positions"]
    means = np.array([position["aligned"]["mean"] for position in positions])
    assert np.corrcoef(means, truth)[0, 1] > 0.9
    intervals = np.array([position["aligned"]["eti90"] for position in positions])
    covered = (intervals[:, 0] <= truth) & (truth <= intervals[:, 1])
    assert covered.sum() >= 23  # of 30, at 90 %: fewer would come once in a hundred chambers


def test_a_mirrored_chain_fails_raw_and_is_turned_in_the_aligned_scale(measured, tmp_path):
    def mirror(posterior, statistics):
        for name in ("xi", "beta"):
            posterior[name].values[2] *= -1
        return posterior, statistics

    derived = changed(measured, tmp_path, mirror)
    section, good = derived["sections"]["ideal-point"], read_json(measured / "derived.json")
    assert section["sign"]["split"] is True
    assert section["sign"]["turned_chains"] == [2]
    assert section["sign"]["per_chain_correlation_with_pc1"][2] < -0.9
    assert derived["variables"]["xi"]["rhat_max"] > 1.4
    assert derived["variables"]["beta"]["rhat_max"] > 1.4
    assert derived["variables"]["alpha"] == good["variables"]["alpha"]
    assert section["aligned"] == pytest.approx(good["sections"]["ideal-point"]["aligned"])


def test_chains_that_all_mirror_agree_with_each_other(measured, tmp_path):
    def mirror(posterior, statistics):
        return posterior.assign(xi=-posterior["xi"], beta=-posterior["beta"]), statistics

    section = changed(measured, tmp_path, mirror)["sections"]["ideal-point"]
    good = read_json(measured / "derived.json")["sections"]["ideal-point"]
    assert section["sign"]["split"] is False
    assert section["sign"]["turned_chains"] == [0, 1, 2, 3]
    assert section["positions"][0]["aligned"]["mean"] == pytest.approx(
        good["positions"][0]["aligned"]["mean"]
    )
    assert section["positions"][0]["raw"]["mean"] == pytest.approx(-good["positions"][0]["raw"]["mean"])


def test_what_has_no_value_is_null_with_a_reason(measured, tmp_path):
    def freeze(posterior, statistics):
        posterior["alpha"].values[:, :, 3] = 0.5
        posterior["beta"].values[1, 7, 0] = np.nan
        return posterior, statistics

    derived = changed(measured, tmp_path, freeze)
    assert derived["variables"]["alpha"]["rhat_max"] is None
    assert "alpha[sim-004], is constant" in derived["reasons"]["variables.alpha.rhat_max"]
    assert derived["variables"]["beta"]["ess_bulk_min"] is None
    assert "beta[sim-001], is not finite" in derived["reasons"]["variables.beta.ess_bulk_min"]


def test_one_chain_has_no_rhat(measured, tmp_path):
    derived = changed(measured, tmp_path, lambda *groups: [group.isel(chain=[0]) for group in groups])
    assert derived["variables"]["xi"]["rhat_max"] is None
    assert derived["reasons"]["variables.xi.rhat_max"] == "needs two chains"
    assert derived["draws_kept"] == {"chains": 1, "draws": 1000}


def test_three_draws_have_no_diagnostics(measured, tmp_path):
    derived = changed(measured, tmp_path, lambda *groups: [group.isel(draw=slice(3)) for group in groups])
    assert derived["variables"]["xi"]["ess_tail_min"] is None
    assert derived["reasons"]["variables.xi.ess_tail_min"] == "needs four draws"
    assert derived["ebfmi_min"] is None
