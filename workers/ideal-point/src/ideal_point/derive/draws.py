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

    @property
    def parties(self) -> list[str]:
        """All parties, as spelt in the file."""
        return sorted({str(party) for party in self.constant["party"].values})

    @property
    def party_pair(self) -> tuple[str, str] | None:
        """The two parties of the configuration, the one that is to lie lower first."""
        pair = self.attributes.get("parties")
        return (str(pair[0]), str(pair[1])) if pair else None
