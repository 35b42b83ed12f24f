"""The saved groups, loaded."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import xarray as xr

from nx_study_worker import WorkerError

from ..storage import RENAMED


@dataclass(frozen=True)
class Draws:
    """One measurement's draws with what belongs to them; arrays are (chain, draw, …).

    `statistics` has all draws, also where `posterior` is thinned. A variable of which draws were left
    out is in `summaries`, as (measure, …), of all its draws.
    """

    posterior: xr.Dataset
    statistics: xr.Dataset
    observed: xr.Dataset
    constant: xr.Dataset
    attributes: Mapping[str, Any]
    summaries: xr.Dataset = field(default_factory=xr.Dataset)
    # Computed while measuring, with `label` and the like as attributes.
    quantities: xr.Dataset = field(default_factory=xr.Dataset)
    # Where `posterior` is thinned: the variables that are one number, with all draws.
    scalars: xr.Dataset = field(default_factory=xr.Dataset)

    @property
    def keep(self) -> Any:
        """Which draws are in the file, as `keeping.Keep`."""
        return self.attributes["sampler"].get("keep", "all")

    @property
    def variables(self) -> list[str]:
        """Of the model, in its order as far as draws of them were kept."""
        names = map(str, (*self.posterior.data_vars, *self.summaries.data_vars))
        return list(dict.fromkeys(names))

    def without_draws(self, names: Iterable[str]) -> str | None:
        """Why what needs the draws of these variables can't be computed; None where they are there."""
        lost = [name for name in names if name not in self.posterior and name in self.summaries]
        return f"`keep: summary` leaves out the draws of {', '.join(lost)}" if lost else None


D = TypeVar("D", bound=Draws)


def read_draws(path: Path, kind: type[D]) -> D | None:
    """All of `draws.nc`, as a `kind` of draws; None where it was stopped while tuning.

    Raises WorkerError where there is no file.
    """
    return _read(path, kind, "posterior")


def read_prior(path: Path, kind: type[D]) -> D | None:
    """Draws from the prior in the place of those of a posterior; None where the file has none.

    Raises WorkerError where there is no file.
    """
    return _read(path, kind, "prior")


def _read(path: Path, kind: type[D], main: str) -> D | None:
    if not path.is_file():
        raise WorkerError(f"{path}: there are no draws to derive from")
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        if main not in tree.children:
            return None

        def group(name: str) -> xr.Dataset:
            return tree[name].to_dataset().load() if name in tree.children else xr.Dataset()

        return kind(
            posterior=group(main),
            statistics=_renamed(
                group("sample_stats_all" if "sample_stats_all" in tree.children else "sample_stats")
            ),
            observed=group("observed_data"),
            constant=group("constant_data"),
            attributes={str(name): decoded(value) for name, value in tree.attrs.items()},
            summaries=group("posterior_summary"),
            quantities=group("quantities"),
            scalars=group("posterior_scalars_all"),
        )


def _renamed(statistics: xr.Dataset) -> xr.Dataset:
    """Files of earlier versions have nutpie's names."""
    return statistics.rename({old: new for old, new in RENAMED.items() if old in statistics})


def decoded(value: Any) -> Any:
    """An attribute: structures were written as JSON, words as they are."""
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value
