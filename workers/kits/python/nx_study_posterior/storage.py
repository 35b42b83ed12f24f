"""draws.nc: everything that a diagnostic could ask for, in a file that ArviZ opens."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import xarray as xr

from nx_study_worker import WorkerError

from .keeping import kept
from .trimming import Trimmed

DRAWS: Final = "draws.nc"
SIMULATIONS: Final = "simulations.nc"
ENGINE: Final = "h5netcdf"
# nutpie's names → those that ArviZ looks for.
RENAMED: Final = {"maxdepth_reached": "reached_max_treedepth", "depth": "tree_depth", "logp": "lp"}


def check_storage(directory: Path) -> None:
    """Write a file before sampling: to learn at the save that it is impossible costs the whole run."""
    path = directory / ".storage-check.nc"
    try:
        xr.DataTree.from_dict({"check": xr.Dataset({"x": ("i", [1.0])})}).to_netcdf(path, engine=ENGINE)
    except (ImportError, ValueError, OSError) as error:
        raise WorkerError(f"the draws could not be saved: {error}") from error
    finally:
        path.unlink(missing_ok=True)


def save_draws(
    path: Path, trimmed: Trimmed, groups: Mapping[str, xr.Dataset], attributes: Mapping[str, Any]
) -> None:
    """Write `draws.nc`.

    Draws are kept as `attributes["sampler"]["keep"]` says.
    """
    written: dict[str, xr.Dataset | None] = dict(groups)
    statistics = named_statistics(trimmed.sample_stats)
    if trimmed.posterior is not None and statistics is not None:
        written |= kept(trimmed.posterior, statistics, attributes["sampler"]["keep"])
    else:  # stopped while tuning: that is all there is
        written["warmup_posterior"] = trimmed.warmup_posterior
        written["warmup_sample_stats"] = named_statistics(trimmed.warmup_sample_stats)
    write_tree(path, written, attributes)


def write_tree(path: Path, groups: Mapping[str, xr.Dataset | None], attributes: Mapping[str, Any]) -> None:
    """Write the groups that are there, read them again, and only then give the file its name."""
    datasets = {name: _with_plain_attributes(group) for name, group in groups.items() if group is not None}
    tree = xr.DataTree.from_dict(datasets)
    # NetCDF attributes are scalars and strings, so structures travel as JSON.
    tree.attrs = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in attributes.items()
    }
    temporary = path.with_name(f".{path.name}")
    tree.to_netcdf(temporary, engine=ENGINE)
    _check(temporary, datasets)
    temporary.replace(path)


def named_statistics(statistics: xr.Dataset | None) -> xr.Dataset | None:
    """The sampler's statistics by the names that ArviZ looks for."""
    if statistics is None:
        return None
    objects = [name for name, values in statistics.data_vars.items() if values.dtype == object]
    found = {old: new for old, new in RENAMED.items() if old in statistics}
    return statistics.drop_vars(objects).rename(found)


def _with_plain_attributes(dataset: xr.Dataset) -> xr.Dataset:
    plain = dataset.copy()
    plain.attrs = {
        name: value if isinstance(value, str | int | float) else json.dumps(value, default=str)
        for name, value in dataset.attrs.items()
    }
    return plain


def _check(path: Path, expected: Mapping[str, xr.Dataset]) -> None:
    with xr.open_datatree(path, engine=ENGINE) as written:
        for name, dataset in expected.items():
            found = dict(written[name].sizes) if name in written.children else None
            if found != dict(dataset.sizes) or set(written[name].data_vars) != set(dataset.data_vars):
                raise WorkerError(
                    f"{path.name}: group {name} reads back as {found}, written {dict(dataset.sizes)}"
                )
