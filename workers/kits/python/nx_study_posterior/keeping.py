"""Which draws stay on the disk."""

from collections.abc import Mapping
from typing import Any

import xarray as xr

from .elements import summaries

# `all`, `summary`, or {"every": n}.
Keep = str | Mapping[str, int]


def kept(posterior: xr.Dataset, statistics: xr.Dataset, keep: Keep) -> dict[str, xr.Dataset]:
    """The groups of `draws.nc`.

    Whatever is left out, how well the chains have mixed is a question about all draws: so each element of a
    variable with draws left out has its summary of all of them, and numbers of the sampler, such as
    divergences, stay whole.
    """
    if keep == "all":
        return {"posterior": posterior, "sample_stats": statistics}
    large = [name for name, values in posterior.data_vars.items() if values.ndim > 2]
    if keep == "summary":
        groups = {"posterior": posterior.drop_vars(large), "sample_stats": statistics}
        return {**groups, "posterior_summary": summaries(posterior[large])} if large else groups
    every: Any = {"draw": slice(None, None, dict(keep)["every"])}  # type: ignore[arg-type]
    return {
        "posterior": posterior.isel(every),
        "sample_stats": statistics.isel(every),
        "sample_stats_all": statistics,
        "posterior_scalars_all": posterior.drop_vars(large),
        "posterior_summary": summaries(posterior),
    }
