"""Where the chains of a simulated fit begin."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pymc as pm

from .built import BuiltModel
from .forward import MODE, Values

Start = Callable[[Any], np.ndarray]


class SimulatedStart:
    """The model's start, with what `restart` says of the simulated data in place of what the files said."""

    def __init__(self, compiled: Any, built: BuiltModel, restart: Callable[[Values], Values] | None) -> None:
        self._begin: Start = compiled.initial_point_func
        self._restart = restart
        self._model = built.model
        self._slices = _slices(compiled, built.model)
        self._jittered = set(built.jittered)
        self._transforms: dict[str, Any] = {}

    def of(self, data: Values) -> Start:
        """The function that a compiled model calls with a chain's seed."""
        values = self._restart(data) if self._restart else {}
        moved = {name: self._unconstrained(name, value) for name, value in values.items()}

        def begin(seed: Any) -> np.ndarray:
            point = self._begin(seed).copy()
            for name, value in moved.items():
                if name not in self._jittered:
                    point[self._slices[name]] = value.ravel()
            return point

        return begin

    def _unconstrained(self, name: str, value: np.ndarray) -> np.ndarray:
        if name not in self._transforms:
            variable = self._model[name]
            transform = self._model.rvs_to_transforms[variable]
            given = variable.type()
            moved = given if transform is None else transform.forward(given, *variable.owner.inputs)
            self._transforms[name] = pm.compile([given], moved, mode=MODE)
        return np.asarray(self._transforms[name](np.asarray(value, dtype=float)))


def _slices(compiled: Any, model: pm.Model) -> dict[str, slice]:
    """Where each free variable stands in the sampler's vector."""
    variables = {value.name: variable.name for variable, value in model.rvs_to_values.items()}
    free = {variable.name for variable in model.free_RVs}
    slices = {}
    at = 0
    names, _, shapes = compiled.shape_info
    for name, shape in zip(names, shapes, strict=True):
        variable = variables.get(name)
        if variable is None or variable not in free or variable in slices:
            continue
        size = int(np.prod(shape))
        slices[variable] = slice(at, at + size)
        at += size
    return slices
