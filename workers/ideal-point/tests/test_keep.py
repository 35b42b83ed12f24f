"""Which draws stay on the disk, and that numbers are the same wherever they can be."""

import math

import numpy as np
import pytest
import xarray as xr
from conftest import read_json, run_worker, simulated, write_request
from forms import forms_of
from kit_schemas import assert_written, problems_of
from small import small_draws
from test_structures import EXAMPLES, SENATES, example

from ideal_point.config import read_configuration
from ideal_point.derive.derived import derive
from ideal_point.groups import of_all_draws
from nx_study_posterior.storage import save_draws
from nx_study_posterior.trimming import Trimmed
from nx_study_worker import Unsupported

WITHOUT = "`keep: summary` leaves out the draws of"
# What only a draw of all positions and roll calls can tell.
OF_DRAWS = {
    *("loo", "sensitivity", "priors", "overlap.xi", "overlap.alpha", "overlap.beta"),
    *("sections.ideal-point.fit", "sections.ideal-point.predictive"),
    *("estimates.correct_share.mean", "estimates.apre.mean"),
}


def numbers(found):
    """Flat: path → number, or whatever else stands there."""
    if isinstance(found, dict):
        return {
            f"{name}.{path}".rstrip("."): one
            for name, of in found.items()
            for path, one in numbers(of).items()
        }
    if isinstance(found, list):
        return {
            f"{at}.{path}".rstrip("."): one
            for at, of in enumerate(found)
            for path, one in numbers(of).items()
        }
    return {"": found}


def differences(one, other):
    """The paths at which two objects differ by more than the order of adding up."""
    here, there = numbers(one), numbers(other)
    return sorted(
        path
        for path in here.keys() | there.keys()
        if path not in here or path not in there or not same(here[path], there[path])
    )


def same(one, other):
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return one == other


MODELS = {**{name: example(name) for name in EXAMPLES}, "joint": SENATES}
SHORT = {"chains": 2, "tune": 60, "draws": 60}


@pytest.mark.slow
@pytest.mark.parametrize(
    "model",
    [pytest.param(name, marks=[] if name == "rasch" else pytest.mark.long) for name in MODELS],
)
def test_of_every_structure_all_forms_have_the_same_numbers(tmp_path, model):
    run = run_worker(write_request(tmp_path / "run", {**MODELS[model], **SHORT}))
    check_forms(forms_of(run, tmp_path))


def test_all_forms_have_the_same_numbers(measured, tmp_path):
    check_forms(forms_of(measured, tmp_path), read_json(measured / "derived.json"))


def check_forms(files, expected=None):
    derived = {keep: derive(path) for keep, path in files.items()}
    whole = derived.pop('"all"')
    assert expected is None or differences(whole, expected) == []
    for keep, found in derived.items():
        assert problems_of("posterior.derived", found) == []
        changed = differences(whole, found)
        if keep == '"summary"':
            lost = {path for path, why in found["reasons"].items() if str(why).startswith(WITHOUT)}
            assert lost <= OF_DRAWS | {path for path in lost if path.startswith("overlap.")}
            assert {*OF_DRAWS} - lost <= {"overlap.beta", "sensitivity", "estimates.apre.mean"}
        allowed = (
            *("loo", "sensitivity", "overlap", "priors", "reasons", "convergence.ranks"),
            *("sections.ideal-point.fit", "sections.ideal-point.predictive"),
            *("estimates.correct_share", "estimates.apre"),
        )
        assert [path for path in changed if not path.startswith(allowed)] == []


@pytest.mark.slow
def test_a_fit_with_the_same_seed_has_the_same_numbers_in_every_form(tmp_path):
    runs = {}
    for name, keep in {"all": {}, "summary": {"keep": "summary"}, "every": {"keep": {"every": 4}}}.items():
        runs[name] = write_request(tmp_path / name, simulated(chains=2, tune=100, draws=200, **keep))
        run_worker(runs[name])
        run_worker(runs[name], "derive", runs[name] / "derived.json")
        assert_written(runs[name])
        assert read_json(runs[name] / "result.json")["payload"]["sampler"]["kept"]["draws"] == 200
    trees = {name: xr.open_datatree(run / "draws.nc", engine="h5netcdf") for name, run in runs.items()}
    whole = trees["all"]["posterior"].to_dataset()
    xr.testing.assert_identical(
        trees["every"]["posterior"].to_dataset().drop_attrs(),
        whole.isel(draw=slice(None, None, 4)).drop_attrs(),
    )
    assert list(trees["summary"]["posterior"].data_vars) == []
    assert_sections_equal(*(read_json(run / "derived.json") for run in runs.values()))
    sizes = [(run / "draws.nc").stat().st_size for run in runs.values()]
    assert sizes[0] > sizes[2] > sizes[1]


def assert_sections_equal(whole, *others):
    section = whole["sections"]["ideal-point"]
    assert section["positions"][0]["aligned"]["eti90"] is not None
    for other in others:
        assert differences(section["positions"], other["sections"]["ideal-point"]["positions"]) == []
        assert differences(section["rollcalls"], other["sections"]["ideal-point"]["rollcalls"]) == []
        assert differences(whole["estimates"]["party_gap"], other["estimates"]["party_gap"]) == []
        assert differences(whole["variables"], other["variables"]) == []
        assert other["draws_kept"] == whole["draws_kept"]


def test_a_party_with_any_sign_in_its_name_is_kept(tmp_path):
    """Names of numbers are no names within the file, where a slash would begin a group."""
    draws = small_draws(draws=20, parties=["D/L", "R"])
    party = np.where(draws.constant["party"].values == "D", "D/L", draws.constant["party"].values)
    constant = draws.constant.assign(party=("legislator", party))
    trimmed = Trimmed(draws.posterior, draws.statistics, None, None, [])
    beside = of_all_draws(trimmed, constant, draws.attributes)
    about = {**draws.attributes, "sampler": {"keep": "summary", "max_treedepth": 10}}
    groups = {"observed_data": draws.observed, "constant_data": constant, **beside}
    save_draws(tmp_path / "draws.nc", trimmed, groups, about)
    assert derive(tmp_path / "draws.nc")["estimates"]["party_mean.D/L"]["mean"] < 0


def test_draws_on_both_sides_are_seen_without_the_draws(tmp_path):
    draws = small_draws(draws=40)
    draws.posterior["xi"].values[1] *= -1
    draws.posterior["beta"].values[1] *= -1
    trimmed = Trimmed(draws.posterior, draws.statistics, None, None, [])
    found = {}
    for keep in ("all", "summary"):
        beside = {} if keep == "all" else of_all_draws(trimmed, draws.constant, draws.attributes)
        about = {**draws.attributes, "sampler": {"keep": keep, "max_treedepth": 10}}
        groups = {"observed_data": draws.observed, "constant_data": draws.constant, **beside}
        save_draws(tmp_path / f"{keep}.nc", trimmed, groups, about)
        found[keep] = derive(tmp_path / f"{keep}.nc")
    section = found["summary"]["sections"]["ideal-point"]
    assert [one["code"] for one in found["summary"]["warnings"]] == ["split-sides"]
    assert section["positions"][0]["raw"]["mean"] is None
    for part in ("positions", "rollcalls", "sign", "aligned", "parties"):
        assert differences(section[part], found["all"]["sections"]["ideal-point"][part]) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"keep": "none"}, "keep"),
        ({"keep": {"every": 1}}, "keep.every"),
        ({"keep": "summary", "simulate": "prior"}, "keep"),
        ({"keep": {"every": 2}, "sampler": "prior"}, "keep"),
    ],
)
def test_what_would_have_no_effect_or_no_meaning_is_refused(change, path):
    with pytest.raises(Unsupported, match=f"^{path}: "):
        read_configuration(simulated(**change))
