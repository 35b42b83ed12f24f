"""The models: each turns observations and priors into a built PyMC model with its start."""

from nx_study_posterior.built import BuiltModel

from ..config import Configuration
from ..data import Observations
from .flat import build_flat
from .hierarchical import build_hierarchical

BUILDERS = {"flat": build_flat, "hierarchical": build_hierarchical}


def build_model(configuration: Configuration, observations: Observations) -> BuiltModel:
    """The model that the configuration names."""
    return BUILDERS[configuration.model](configuration, observations)
