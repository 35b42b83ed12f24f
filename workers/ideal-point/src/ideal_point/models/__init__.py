"""The structures of the model by name. Nothing heavy is imported before one is built."""

from typing import TYPE_CHECKING

from .dynamic import DYNAMIC
from .flat import FLAT
from .hierarchical import HIERARCHICAL
from .joint import JOINT
from .rasch import RASCH
from .structure import Structure
from .two_dimensional import TWO_DIMENSIONAL

if TYPE_CHECKING:
    from nx_study_posterior.built import BuiltModel

    from ..config import Configuration
    from ..data import Observations

STRUCTURES: dict[str, Structure] = {
    one.name: one for one in (FLAT, HIERARCHICAL, RASCH, TWO_DIMENSIONAL, JOINT, DYNAMIC)
}


def build_model(configuration: "Configuration", observations: "Observations") -> "BuiltModel":
    """The model that the configuration names, with the statement of its identification in its notes."""
    from dataclasses import replace

    structure = STRUCTURES[configuration.model]
    built = structure.build(configuration, observations)
    return replace(built, notes={"identification": structure.identification, **built.notes})
