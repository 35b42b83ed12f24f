"""What sampling, writing and diagnosing need to know of a model, whatever it models."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pymc as pm


@dataclass(frozen=True)
class BuiltModel:
    """A PyMC model with its start: `initial` sets values, `steady` names the variables that get no jitter."""

    model: pm.Model
    initial: Mapping[str, np.ndarray] = field(default_factory=dict)
    steady: frozenset[str] = frozenset()
    priors: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def jittered(self) -> list[str]:
        """The free variables that start with U(-1, 1) added on the unconstrained scale."""
        return [variable.name for variable in self.model.free_RVs if variable.name not in self.steady]
