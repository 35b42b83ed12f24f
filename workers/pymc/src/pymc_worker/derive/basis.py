"""What two posteriors must have in common before their numbers may be compared."""

import hashlib

import numpy as np
import xarray as xr

from nx_study_posterior.derive.draws import Draws


def basis(draws: Draws) -> dict[str, str]:
    """By observed variable, in words. Without any, the data files stand for what was observed."""
    if draws.observed.data_vars:
        return {f"observed {name}": _described(values) for name, values in draws.observed.data_vars.items()}
    files = draws.attributes["files_sha256"]
    data = {name: digest for name, digest in files.items() if name.startswith("data.")}
    return {"observed": "by no variable of the model"} | {
        f"file {name}": f"sha256 {digest}" for name, digest in data.items()
    }


def _described(values: xr.DataArray) -> str:
    shape = " × ".join(str(size) for size in values.shape) or "1"
    return f"{shape} values, sha256 {_sha256(values.values)}"


def _sha256(values: np.ndarray) -> str:
    """Of the shape, and of the values in their order: equal numbers of any type have equal hashes."""
    digest = hashlib.sha256(str(values.shape).encode())
    numeric = np.issubdtype(values.dtype, np.number) or values.dtype == bool
    digest.update(
        np.ascontiguousarray(values, dtype="<f8").tobytes() if numeric else repr(values.tolist()).encode()
    )
    return digest.hexdigest()
