"""What the worker knows of a structure before and after it is built; standard library only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..priors import Prior

if TYPE_CHECKING:
    from nx_study_posterior.built import BuiltModel

    from ..config import Configuration
    from ..data import Observations


# A configuration with all defaults.
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Counts:
    """What the size of a model follows from: positions are those of all terms in a dynamic model."""

    rollcalls: int
    # The chamber in which each position is at home.
    home: Sequence[int]
    # Votes of each position in each chamber.
    votes: Sequence[Sequence[int]]

    @property
    def positions(self) -> int:
        """How many there are."""
        return len(self.home)


@dataclass(frozen=True)
class Size:
    """How many free parameters a model has, and how many numbers each of its draws has on the disk.

    Of these, `scalars` are a variable of one number each.
    """

    parameters: int
    saved: int
    scalars: int = 0


@dataclass(frozen=True)
class Structure:
    """One structure of the model: how positions and discriminations hang together."""

    name: str
    # For the setting `model`, in a few words.
    summary: str
    # What is fixed, and why that is enough.
    identification: str
    # Builds the model and its start; imports PyMC.
    build: Callable[["Configuration", "Observations"], "BuiltModel"]
    size: Callable[[Counts, Values], Size]
    # Of positions.
    dimensions: int = 1
    # Of the settings that not every structure has, those with an effect.
    reads: frozenset[str] = field(default_factory=frozenset)
    # What it accepts of a setting, as a JSON Schema.
    restricts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    # Values that it needs, told with the reason: setting → value, reason.
    needs: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def saved_for(values: Values, key: str, count: int) -> int:
    """Saved numbers of `count` elements with the prior `key`: exp of a normal is saved twice."""
    return 2 * count if values[key]["distribution"] == "exp_normal" else count


def mirrored(*priors: Prior) -> bool:
    """Whether the mirror image of every solution is as likely, so that draws may be turned."""
    return all(prior.mirrored for prior in priors)
