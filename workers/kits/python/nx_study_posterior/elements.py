"""Every element of a variable in numbers: how well its draws have mixed, and what they say."""

import numpy as np
import xarray as xr
from arviz_stats.base import array_stats

AXES = {"chain_axis": 0, "draw_axis": 1}
# The dimension of summaries: a name that no model gives one of its own.
MEASURE = "nx_study_measure"
# Numbers that are worked on at a time, 16 MB: effective sizes take several times as much.
BLOCK = 2_000_000
TAIL = (0.05, 0.95)
# Of the size of a number: what moves less has moved by rounding alone.
ROUNDING = 1e-12
QUANTILES = {"q05": 0.05, "q50": 0.5, "q95": 0.95}


MIXING = ("rhat", "ess_bulk", "ess_tail", "mcse_mean", "mcse_sd")


def mixing(array: np.ndarray) -> dict[str, np.ndarray]:
    """Of (chain, draw, element): R-hat, effective sizes and Monte Carlo errors; NaN where there are none."""
    array = np.asarray(array, dtype=float)
    size = max(1, BLOCK // max(1, array.shape[0] * array.shape[1]))
    blocks = [_mixing(array[:, :, at : at + size]) for at in range(0, array.shape[2], size)]
    return {name: np.concatenate([np.empty(0), *(one[name] for one in blocks)]) for name in MIXING}


def _mixing(array: np.ndarray) -> dict[str, np.ndarray]:
    with np.errstate(invalid="ignore", divide="ignore"):
        measures = {
            "rhat": array_stats.rhat(array, **AXES),
            "ess_bulk": array_stats.ess(array, method="bulk", **AXES),
            "ess_tail": array_stats.ess(array, method="tail", prob=TAIL, **AXES),
            "mcse_mean": array_stats.mcse(array, method="mean", **AXES),
            "mcse_sd": array_stats.mcse(array, method="sd", **AXES),
        }
    constant = still(array)  # would count as perfectly mixed
    return {name: np.where(constant, np.nan, values) for name, values in measures.items()}


def still(array: np.ndarray) -> np.ndarray:
    """Which elements of (chain, draw, …) are constant, but for rounding."""
    low, high = (end(array, axis=(0, 1)) for end in (np.min, np.max))
    with np.errstate(invalid="ignore"):
        return np.asarray(high - low <= ROUNDING * np.maximum(abs(low), abs(high)))


def moments(array: np.ndarray) -> dict[str, np.ndarray]:
    """Of (chain, draw, element): mean, standard deviation and quantiles of each."""
    flat = array.reshape(-1, array.shape[2])
    sd = flat.std(axis=0, ddof=1) if len(flat) > 1 else np.full(flat.shape[1], np.nan)
    sd[(len(flat) > 1) & still(array)] = 0  # rounding would make a constant vary
    with np.errstate(invalid="ignore"):
        quantiles = np.quantile(flat, list(QUANTILES.values()), axis=0)
        return {"mean": flat.mean(axis=0), "sd": sd, **dict(zip(QUANTILES, quantiles, strict=True))}


def summaries(posterior: xr.Dataset) -> xr.Dataset:
    """Each variable, (chain, draw, …), as (MEASURE, …): `moments` and `mixing` of its elements."""
    return xr.Dataset({str(name): _summary(values) for name, values in posterior.data_vars.items()})


def _summary(values: xr.DataArray) -> xr.DataArray:
    array = values.values.reshape(*values.shape[:2], -1).astype(float, copy=False)
    measures = {**moments(array), **mixing(array)}
    one = values.isel(chain=0, draw=0, drop=True)
    stacked = np.stack([measure.reshape(one.shape) for measure in measures.values()])
    return xr.DataArray(stacked, dims=(MEASURE, *one.dims), coords={**one.coords, MEASURE: list(measures)})
