"""The draws of a model of votes."""

from collections import Counter
from typing import Final

import numpy as np

from nx_study_posterior.derive.draws import Draws

from ..log_odds import by_rollcall

# What the log-odds of a vote are computed from.
VARIABLES: Final = ("xi", "alpha", "beta")


class VoteDraws(Draws):
    """Draws with `xi`, `alpha`, `beta`, and the votes in `observed` and `constant` (see groups.py)."""

    @property
    def reflection_symmetric(self) -> bool:
        """Whether the mirror image, in each dimension, is as likely, so that draws may be turned."""
        return bool(self.attributes.get("notes", {}).get("reflection_symmetric", False))

    @property
    def dimensions(self) -> int:
        """Of positions."""
        xi = self.posterior["xi"]
        return int(xi.sizes["dimension"]) if "dimension" in xi.dims else 1

    def positions(self, dimension: int = 0) -> np.ndarray:
        """(chain, draw, legislator), as drawn."""
        xi = self.posterior["xi"].values
        return np.asarray(xi if self.dimensions == 1 else xi[..., dimension])

    def discriminations(self, dimension: int = 0) -> np.ndarray:
        """(chain, draw, roll call), as drawn; where all roll calls share one, it is that of each."""
        beta = self.posterior["beta"].values
        if self.dimensions > 1:
            return np.asarray(beta[..., dimension])
        return by_rollcall(beta, self.posterior["alpha"].values)

    def reference(self, dimension: int = 0) -> np.ndarray:
        """The component of the votes that tells the sides of a dimension; of two, as anchors rotate them."""
        if self.dimensions == 1:
            return np.asarray(self.constant["first_component"].values)
        return np.asarray(self.constant["components"].values[:, dimension])

    @property
    def chamber_of(self) -> np.ndarray | None:
        """By legislator: the place of his or her chamber among those with a mean, 0 for the first one.

        None for a model whose chambers have no means.
        """
        if "mu_chamber" not in self.posterior:
            return None
        names = [str(name) for name in self.attributes["chambers"]]
        further = [names.index(str(name)) for name in self.posterior["further_chamber"].values]
        return np.array([[0, *further].index(int(home)) for home in self.constant["home"].values])

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
        if "mu_party" in self.posterior and self.party_pair:
            return ~np.isin(self.constant["party"].values, self.party_pair)
        return None

    @property
    def names(self) -> list[str]:
        """By legislator; with the id where several have the same name, as two senators Nelson have."""
        names = [str(name) for name in self.constant["name"].values]
        counts = Counter(names)
        ids = self.posterior["legislator"].values
        return [f"{name} ({id_})" if counts[name] > 1 else name for name, id_ in zip(names, ids, strict=True)]

    @property
    def parties(self) -> list[str]:
        """All parties, as spelt in the file."""
        return sorted({str(party) for party in self.constant["party"].values})

    @property
    def party_pair(self) -> tuple[str, str] | None:
        """The two parties of the configuration, the one that is to lie lower first."""
        pair = self.attributes.get("parties")
        return (str(pair[0]), str(pair[1])) if pair else None
