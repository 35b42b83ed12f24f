"""Which draws stay on the disk."""

from collections.abc import Mapping
from typing import Any

import xarray as xr

from .elements import summaries

# `all`, `summary`, or {"every": n}.
Keep = str | Mapping[str, int]


def kept(posterior: xr.Dataset, statistics: xr.Dataset, keep: Keep) -> dict[str, xr.Dataset]:
    """The groups of `draws.nc`.

    Numbers of the sampler, such as divergences, need every draw: so its statistics stay whole, beside those
    of the draws that are kept.
    """
    if keep == "all":
        return {"posterior": posterior, "sample_stats": statistics}
    if keep == "summary":
        large = [name for name, values in posterior.data_vars.items() if values.ndim > 2]
        groups = {"posterior": posterior.drop_vars(large), "sample_stats": statistics}
        return {**groups, "posterior_summary": summaries(posterior[large])} if large else groups
    every: Any = {"draw": slice(None, None, dict(keep)["every"])}  # type: ignore[arg-type]
    return {
        "posterior": posterior.isel(every),
        "sample_stats": statistics.isel(every),
        "sample_stats_all": statistics,
    }
