"""Observed variables of a PyMC model of which some values are missing: PyMC makes parameters of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pymc as pm
from pymc.distributions.distribution import PartialObservedRV
from pytensor.graph.replace import clone_replace
from pytensor.graph.traversal import ancestors
from pytensor.tensor import ones_like, zeros_like


@dataclass(frozen=True)
class WithMissing:
    """`whole` is the variable as it was written, which PyMC divides into `observed` and `free` values."""

    whole: Any
    observed: Any
    free: Any

    @property
    def mask(self) -> np.ndarray:
        """Of the shape of `whole`: true where a value is missing."""
        parts = {self.observed: zeros_like(self.observed), self.free: ones_like(self.free)}
        [flags] = clone_replace([self.whole], replace=parts)
        return np.asarray(flags.eval()) != 0

    @property
    def within_vectors(self) -> bool:
        """Whether vectors are missing in part: PyMC then knows the density of whole vectors only."""
        return isinstance(self.observed.owner.op, PartialObservedRV)

    def __str__(self) -> str:
        """Such as `2 of 40 values of y are missing`."""
        mask = self.mask
        missing = int(mask.sum())
        return (
            f"{missing} of {mask.size} values of {self.whole.name} {'is' if missing == 1 else 'are'} missing"
        )


def with_missing(model: pm.Model) -> list[WithMissing]:
    """In the order of the model."""
    free = {one.name: one for one in model.free_RVs}
    wholes = {one.name: one for one in model.deterministics}
    found = []
    for observed in model.observed_RVs:
        name = observed.name.removesuffix("_observed")
        whole, part = wholes.get(name), free.get(f"{name}_unobserved")
        if whole is not None and part is not None and {observed, part} <= set(ancestors([whole])):
            found.append(WithMissing(whole, observed, part))
    return found
