"""The draws of a model of votes."""

from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import Self

import numpy as np
import xarray as xr

from nx_study_posterior.derive.draws import Draws
from nx_study_posterior.elements import MEASURE, moments

from .. import scale


class VoteDraws(Draws):
    """Draws with `xi`, `alpha`, `beta`, and the votes in `observed` and `constant` (see groups.py)."""

    @cached_property
    def by_draw(self) -> dict[str, np.ndarray]:
        """Numbers of each draw, as saved where draws were left out (see scale.py)."""
        if "by_draw" not in self.quantities:
            return scale.by_draw(self)
        values = self.quantities["by_draw"]
        return {str(name): values.values[:, :, at] for at, name in enumerate(values["number"].values)}

    @cached_property
    def _elements(self) -> xr.Dataset:
        return self.quantities if "by_draw" in self.quantities else scale.elements(self)

    def aligned(self, name: str, dimension: int = 0) -> xr.DataArray:
        """Of `xi`, `alpha` or `beta` on the aligned scale, (measure, element); see `section.aligned_of`."""
        return self._elements[f"{name}_aligned{scale.SUFFIXES[dimension]}"]

    def chain_means(self, dimension: int = 0) -> np.ndarray:
        """(chain, legislator): of standardised positions, as drawn."""
        return np.asarray(self._elements[f"chain_mean{scale.SUFFIXES[dimension]}"].values)

    def raw(self, name: str, dimension: int = 0) -> dict[str, np.ndarray]:
        """Measure → element, of `xi`, `alpha` or `beta` as drawn; a β that roll calls share is each one's."""
        if name in self.summaries:
            values = self.summaries[name]
            values = values.isel(dimension=dimension) if "dimension" in values.dims else values
            found = {str(one): values.sel({MEASURE: one}).values.ravel() for one in values[MEASURE].values}
        else:
            drawn = self.posterior[name]
            drawn = drawn.isel(dimension=dimension) if "dimension" in drawn.dims else drawn
            found = moments(drawn.values.reshape(*drawn.shape[:2], -1))
        if name != "beta":
            return found
        return {
            one: np.broadcast_to(values, self.constant.sizes["rollcall"]) for one, values in found.items()
        }

    def one_draw(self, name: str) -> xr.DataArray:
        """A variable's shape, dimensions and coordinates, whether its draws were kept or not."""
        if name in self.summaries:
            return self.summaries[name].isel({MEASURE: 0}, drop=True)
        return self.posterior[name].isel(chain=0, draw=0, drop=True)

    def with_posterior(self, posterior: xr.Dataset) -> Self:
        """Other draws of the same members and votes."""
        nothing = xr.Dataset()
        return replace(self, posterior=posterior, summaries=nothing, quantities=nothing, scalars=nothing)

    @property
    def reflection_symmetric(self) -> bool:
        """Whether the mirror image, in each dimension, is as likely, so that draws may be turned."""
        return scale.reflection_symmetric(self.attributes)

    @property
    def dimensions(self) -> int:
        """Of positions."""
        return scale.dimensions(self.constant)

    def reference(self, dimension: int = 0) -> np.ndarray:
        """The component of the votes that tells the sides of a dimension; of two, as anchors rotate them."""
        return scale.reference(self.constant, dimension)

    @property
    def chamber_of(self) -> np.ndarray | None:
        """By legislator: the place of his or her chamber among those with a mean, 0 for the first one.

        None for a model whose chambers have no means.
        """
        if "mu_chamber" not in self.variables:
            return None
        names = [str(name) for name in self.attributes["chambers"]]
        further = self.one_draw("mu_chamber")["further_chamber"].values
        groups = [0, *(names.index(str(name)) for name in further)]
        return np.array([groups.index(int(home)) for home in self.constant["home"].values])

    def with_prior(self, name: str, values: np.ndarray) -> np.ndarray:
        """Of values (chain, draw, …) of a variable, the elements whose prior is the written one.

        All of them, but for ξ: of people at home in the first chamber where chambers have means, of first
        terms where positions walk, of people in neither party where parties have means.
        """
        fixed = self._with_position_prior() if name == "xi" else None
        return values if fixed is None else values[:, :, fixed]

    def _with_position_prior(self) -> np.ndarray | None:
        """By legislator; None for all of them."""
        if (group := self.chamber_of) is not None:
            return group == 0
        if "previous" in self.constant:
            return np.asarray(self.constant["previous"].values < 0)
        if "mu_party" in self.variables and self.party_pair:
            return ~np.isin(self.constant["party"].values, self.party_pair)
        return None

    @property
    def names(self) -> list[str]:
        """By legislator; with the id where several have the same name, as two senators Nelson have."""
        names = [str(name) for name in self.constant["name"].values]
        counts = Counter(names)
        ids = self.constant["legislator"].values
        return [f"{name} ({id_})" if counts[name] > 1 else name for name, id_ in zip(names, ids, strict=True)]

    @property
    def parties(self) -> list[str]:
        """All parties, as spelt in the file."""
        return scale.parties(self.constant)

    @property
    def party_pair(self) -> tuple[str, str] | None:
        """The two parties of the configuration, the one that is to lie lower first."""
        return scale.party_pair(self.attributes)
