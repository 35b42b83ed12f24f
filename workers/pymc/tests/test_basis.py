"""What two posteriors must share before one is compared with the other."""

import numpy as np
import pymc as pm
import pytest
import xarray as xr

from nx_study_posterior.derive.draws import Draws
from pymc_worker.derive.basis import basis
from pymc_worker.groups import groups

FILES = {"data.table": "1" * 64, "model.py": "2" * 64}


def basis_of(model, files=FILES):
    nothing = xr.Dataset()
    observed = groups(model).get("observed_data", nothing)
    return basis(model, Draws(nothing, nothing, observed, nothing, {"files_sha256": files}))


def observing(values, potential=None, **more):
    with pm.Model(coords=more.pop("coords", None)) as model:
        mu = pm.Normal("mu")
        if values is not None:
            pm.Normal("y", mu, observed=values, **more)
        if potential:
            pm.Potential(potential, -(mu**2))
    return model


def test_a_potential_is_told_with_the_files_that_it_may_use():
    y = np.arange(3.0)
    plain, extra = basis_of(observing(y)), basis_of(observing(y, "extra"))
    assert set(plain) == {"observed y"}
    assert extra == {**plain, "potentials": "extra", "file data.table": f"sha256 {'1' * 64}"}
    assert basis_of(observing(y, "other")) != extra
    assert basis_of(observing(y, "extra"), {**FILES, "model.py": "3" * 64}) == extra
    assert basis_of(observing(y, "extra"), {**FILES, "data.table": "3" * 64}) != extra


def test_without_an_observed_variable_the_files_stand_for_what_was_observed():
    assert basis_of(observing(None, "likelihood")) == {
        "observed": "by no variable of the model",
        "potentials": "likelihood",
        "file data.table": f"sha256 {'1' * 64}",
    }


def test_which_values_are_missing_is_told():
    """The observed values alone are the same: one person would have been subtracted from another."""
    one, other = (basis_of(observing(np.array(y))) for y in ([1, 2, np.nan, 4], [1, np.nan, 2, 4]))
    assert one["observed y_observed"] == other["observed y_observed"]
    assert one["missing of y"].startswith("1 of 4 values, sha256 ")
    assert one["missing of y"] != other["missing of y"]
    masked = np.ma.masked_array([1.0, 2, 3, 4], mask=[False, False, True, False])
    assert basis_of(observing(masked)) == one


def test_of_whom_values_are_is_told():
    y = np.arange(3.0)

    def of(*names, values=y):
        return basis_of(observing(values, coords={"person": list(names)}, dims="person"))

    assert set(of("a", "b", "c")) == {"observed y", "labels of y"}
    assert of("a", "b", "c") != of("a", "c", "b")
    assert of("a", "b", "c") == of("a", "b", "c")
    # As without names.
    assert of(0, 1, 2) == basis_of(observing(y))
    with_missing = np.array([0, np.nan, 2])
    assert of("a", "b", "c", values=with_missing) != of("a", "c", "b", values=with_missing)


@pytest.mark.parametrize("sides", [("left", "right"), (0, 1)])
def test_labels_stand_by_their_dimension(sides):
    found = basis_of(
        observing(np.zeros((2, 2)), coords={"side": sides, "person": ["a", "b"]}, dims=("side", "person"))
    )
    turned = basis_of(
        observing(np.zeros((2, 2)), coords={"side": sides, "person": ["a", "b"]}, dims=("person", "side"))
    )
    assert found["observed y"] == turned["observed y"]
    assert found["labels of y"] != turned["labels of y"]
