"""The saved groups, loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import xarray as xr


@dataclass(frozen=True)
class Draws:
    """One measurement's draws with what belongs to them; arrays are (chain, draw, …)."""

    posterior: xr.Dataset
    statistics: xr.Dataset
    observed: xr.Dataset
    constant: xr.Dataset
    attributes: Mapping[str, Any]

    @property
    def reflection_symmetric(self) -> bool:
        """Whether the mirror image of a solution is as likely, so that a chain may be turned."""
        return bool(self.attributes.get("notes", {}).get("reflection_symmetric", False))
