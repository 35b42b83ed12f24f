"""What `draws.nc` holds beside the draws, as PyMC itself would store it."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pymc as pm
import xarray as xr
from pymc.backends.arviz import coords_and_dims_for_inferencedata, find_constants, find_observations

from nx_study_posterior.built import BuiltModel
from nx_study_posterior.missing import with_missing

from .config import Configuration


def groups(model: pm.Model) -> dict[str, xr.Dataset]:
    """`observed_data` and `constant_data`, with the model's coordinates and dimensions."""
    found = {"observed_data": find_observations(model), "constant_data": find_constants(model)}
    return {name: _dataset(model, values) for name, values in found.items() if values}


def attributes(configuration: Configuration, modules: Iterable[str]) -> dict[str, Any]:
    """Facts that `derive` reads."""
    return {
        "worker": "pymc",
        "model": configuration.model.path.name,
        "files_sha256": files_sha256(configuration, modules),
    }


def files_sha256(configuration: Configuration, modules: Iterable[str]) -> dict[str, str]:
    """Of all files that make the model what it is: `derive` builds it again only from the same ones."""
    model = configuration.model.path
    files = {f"data.{name}": path for name, path in configuration.data.items()} | {
        os.path.relpath(path, model.parent): path for path in (str(model), *modules)
    }
    return {name: _sha256(path) for name, path in files.items()}


def facts(configuration: Configuration, built: BuiltModel, observed: xr.Dataset | None) -> dict[str, Any]:
    """The model in words and shapes, for the result."""
    shapes = built.model.eval_rv_shapes()
    return {
        "model": configuration.model.path.name,
        "observed": {} if observed is None else _shapes(observed),
        "free": {
            variable.name: {"shape": list(map(int, shapes[variable.name]))}
            for variable in built.model.free_RVs
        },
    }


def observations(observed: xr.Dataset | None) -> int:
    """Observed values; a missing one is a parameter."""
    if observed is None:
        return 0
    return sum(int(np.size(values)) for values in observed.data_vars.values())


def missing_values(model: pm.Model) -> list[dict[str, str]]:
    """Warnings of the result: PyMC makes parameters of missing values in silence."""
    return [
        {"code": "missing-values", "message": f"{one}; the model has a parameter for each"}
        for one in with_missing(model)
    ]


def _dataset(model: pm.Model, values: Mapping[str, Any]) -> xr.Dataset:
    coords, dims = coords_and_dims_for_inferencedata(model)
    arrays = {name: np.asarray(array) for name, array in values.items()}
    variables = {name: (_dimensions(name, array, dims), array) for name, array in arrays.items()}
    used = {dimension for names, _ in variables.values() for dimension in names}
    return xr.Dataset(variables, coords={name: value for name, value in coords.items() if name in used})


def _dimensions(name: str, array: np.ndarray, dims: Mapping[str, list[str]]) -> list[str]:
    named = dims.get(name)
    return list(named) if named else [f"{name}_dim_{at}" for at in range(array.ndim)]


def _shapes(dataset: xr.Dataset) -> dict[str, Any]:
    return {
        str(name): {"shape": list(values.shape), "dims": [str(one) for one in values.dims]}
        for name, values in dataset.data_vars.items()
    }


def _sha256(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
