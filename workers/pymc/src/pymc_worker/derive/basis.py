"""What two posteriors must have in common before their numbers may be compared."""

import hashlib

import numpy as np
import pymc as pm
import xarray as xr

from nx_study_posterior.derive.draws import Draws
from nx_study_posterior.missing import WithMissing, with_missing


def basis(model: pm.Model, draws: Draws) -> dict[str, str]:
    """By observed variable, in words. What a potential makes of the data is told by the data files alone."""
    missing = {one.observed.name: one for one in with_missing(model)}
    found = {
        fact: text
        for name, values in draws.observed.data_vars.items()
        for fact, text in _of_variable(model, str(name), values, missing.get(str(name))).items()
    }
    potentials = [one.name for one in model.potentials]
    if found and not potentials:
        return found
    files = draws.attributes["files_sha256"]
    data = {name: digest for name, digest in files.items() if name.startswith("data.")}
    return {
        **(found or {"observed": "by no variable of the model"}),
        **({"potentials": ", ".join(sorted(potentials))} if potentials else {}),
        **{f"file {name}": f"sha256 {digest}" for name, digest in data.items()},
    }


def _of_variable(
    model: pm.Model, name: str, values: xr.DataArray, missing: WithMissing | None
) -> dict[str, str]:
    """What was observed, which values are missing, and of whom they are."""
    found = {f"observed {name}": f"{_shape(values.values)} values, sha256 {_sha256(values.values)}"}
    if missing is not None:
        mask = missing.mask
        found[f"missing of {missing.whole.name}"] = (
            f"{mask.sum()} of {_shape(mask)} values, sha256 {_sha256(mask)}"
        )
    if labels := _labels(model, name if missing is None else missing.whole.name):
        found[f"labels of {name}"] = f"sha256 {hashlib.sha256(repr(labels).encode()).hexdigest()}"
    return found


def _labels(model: pm.Model, name: str) -> list[list[str] | None]:
    """Of the values along each dimension, where a dimension has any other than 0, 1, 2, …; else empty."""
    coordinates = [model.coords.get(dimension) for dimension in model.named_vars_to_dims.get(name, ())]
    labels = [None if one is None else list(map(str, one)) for one in coordinates]
    told = [None if one == list(map(str, range(len(one or ())))) else one for one in labels]
    return told if any(told) else []


def _shape(values: np.ndarray) -> str:
    return " × ".join(str(size) for size in values.shape) or "1"


def _sha256(values: np.ndarray) -> str:
    """Of the shape, and of the values in their order: equal numbers of any type have equal hashes."""
    digest = hashlib.sha256(str(values.shape).encode())
    numeric = np.issubdtype(values.dtype, np.number) or values.dtype == bool
    digest.update(
        np.ascontiguousarray(values, dtype="<f8").tobytes() if numeric else repr(values.tolist()).encode()
    )
    return digest.hexdigest()
