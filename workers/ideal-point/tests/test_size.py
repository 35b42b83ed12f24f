"""The size that the check says is that of the model, and of the file with its draws."""

import json
import math

import numpy as np
import pytest
import xarray as xr
from conftest import WORKER, read_json, run_worker, write_request
from forms import FORMS, forms_of, read_attributes
from jsonschema import Draft202012Validator
from test_structures import EXAMPLES, SENATES, built, example

from ideal_point.check import check
from ideal_point.groups import of_all_draws
from ideal_point.keys import PRIOR_KEYS, configuration_schema
from ideal_point.models.parametrisation import MIXED, PARAMETRISATIONS
from nx_study_posterior.trimming import Trimmed

READ = json.loads((WORKER / "worker.json").read_text())["check"]["settings"]
# Two chambers that few roll calls link.
WEAKLY = {**SENATES, "sample": {"rollcalls": 5, "seed": 1}}
MODELS = {
    **{name: example(name) for name in EXAMPLES},
    "joint, further people": SENATES,
    "joint, weakly linked": WEAKLY,
}
SHORT = {"chains": 1, "tune": 50, "draws": 10}


def with_settings():
    """Each model with each setting by which it may be written in another way."""
    exp_normal = {"distribution": "exp_normal", "mu": 0, "sigma": 0.5}
    changes = [
        {},
        *({key: exp_normal} for key in PRIOR_KEYS),
        *({"parametrisation": one} for one in PARAMETRISATIONS),
    ]
    accepts = Draft202012Validator(configuration_schema()).is_valid
    for name, configuration in MODELS.items():
        for change in changes:
            if accepts(whole := {**configuration, **change}):
                yield pytest.param(whole, id=f"{name} {' '.join(map(str, change.values()))}")


def said(configuration):
    """By the settings that the check is given, which are not all."""
    answer = check({name: value for name, value in configuration.items() if name in READ})
    assert answer["problems"] == []
    return answer["size"]


def elements(variables):
    return sum(int(np.prod(variable.shape.eval(mode="FAST_COMPILE"))) for variable in variables)


@pytest.mark.parametrize("configuration", list(with_settings()))
def test_a_size_is_what_the_model_has(configuration):
    model_built, observations = built(configuration)
    model, size = model_built.model, said(configuration)
    assert size["parameters"] == elements(model.free_RVs)
    assert size["observations"] == len(observations.cells[2])
    too_many = size["saved"] - elements([*model.free_RVs, *model.deterministics])
    # Whether votes centre both parties follows from the first component, which takes packages.
    both_centred = configuration.get("parametrisation") == MIXED and "xi" in map(str, model.free_RVs)
    assert too_many == (len(observations.members) if both_centred else 0)


def test_both_ways_to_write_a_further_chamber_are_among_these():
    names = [set(built(one)[0].model.named_vars) for one in (SENATES, WEAKLY)]
    assert ["xi_offset" in of for of in names] == [False, True]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name == "two-dimensional" else pytest.mark.long) for name in MODELS],
)
def test_a_file_of_draws_has_the_numbers_that_were_said(tmp_path, name):
    check_file(run_worker(write_request(tmp_path / "run", {**MODELS[name], **SHORT})), MODELS[name])


def test_so_has_a_file_of_many_draws_and_is_as_large_as_was_said(measured):
    configuration = read_json(measured / "request.json")["configuration"]
    size = check_file(measured, configuration)
    draws = 4 * 1000 * (8 * size["saved"] + size["statistics_bytes"])
    found = (measured / "draws.nc").stat().st_size
    # What the form of the file adds, and names.
    assert 0 < found - draws - size["data_bytes"] < 100_000 < draws / 10


@pytest.mark.parametrize("keep", FORMS)
def test_a_file_with_a_part_of_the_draws_is_as_large_as_was_said(measured, tmp_path, keep):
    size = said(read_json(measured / "request.json")["configuration"])
    path = forms_of(measured, tmp_path)[json.dumps(keep)]
    chains, draws, numbers = 4, 1000, 8 * size["by_draw"] + size["statistics_bytes"]
    kept = 0 if keep == "summary" else math.ceil(draws / keep["every"])
    of_draws = chains * (
        draws * (8 * size["scalars"] + numbers) + kept * (8 * size["saved"] + size["statistics_bytes"])
    )
    summaries = 80 * (size["saved"] - (size["scalars"] if keep == "summary" else 0)) + size["summary_bytes"]
    assert 0 < path.stat().st_size - of_draws - summaries - size["data_bytes"] < 150_000 < of_draws / 4


def check_computed(groups, run, size):
    """What a run that keeps a part of these draws computes beside."""
    attributes = read_attributes(run / "draws.nc")
    trimmed = Trimmed(groups["posterior"], groups["sample_stats"], None, None, [])
    computed = of_all_draws(trimmed, groups["constant_data"], attributes)["quantities"]
    assert size["by_draw"] == computed.sizes["number"]
    over_draws = [values for values in computed.data_vars.values() if "chain" not in values.dims]
    assert size["summary_bytes"] == sum(values.nbytes for values in over_draws)


def check_file(run, configuration):
    size, payload = said(configuration), read_json(run / "result.json")["payload"]
    with xr.open_datatree(run / "draws.nc", engine="h5netcdf") as tree:
        groups = {name: tree[name].to_dataset() for name in tree.children}
    shape = groups["posterior"].sizes
    draws = shape["chain"] * shape["draw"]
    assert size["saved"] * draws == sum(values.size for values in groups["posterior"].data_vars.values())
    assert size["scalars"] == sum(values.ndim == 2 for values in groups["posterior"].data_vars.values())
    check_computed(groups, run, size)
    statistics = groups["sample_stats"].data_vars.values()
    assert size["statistics_bytes"] * draws == sum(values.nbytes for values in statistics)
    assert size["parameters"] == payload["parameters"]
    assert size["observations"] == payload["observations"]
    by_vote = [
        values
        for group in ("observed_data", "constant_data")
        for values in groups[group].variables.values()
        if values.dims == ("cell",)
    ]
    assert size["data_bytes"] == sum(math.prod(values.shape) * values.dtype.itemsize for values in by_vote)
    return size
