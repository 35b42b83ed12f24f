"""Which numbers of a model are ranked: single elements, evenly chosen from large variables."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pymc as pm

# A rank depends on the data as well, so it finds errors that ranks of parameters can't: Modrák et al. (2023),
# doi:10.1214/23-BA1404.
LOG_LIKELIHOOD = "log_likelihood"
# Elements of one variable have much in common; a figure for each of hundreds would show nothing more.
MOST_ELEMENTS = 6


@dataclass(frozen=True)
class Selected:
    """`elements`: label, variable, and place in the flattened variable. `left_out`: elements not ranked."""

    elements: list[tuple[str, str, int]]
    left_out: dict[str, int]

    @property
    def names(self) -> list[str]:
        """The variables, each once."""
        return list(dict.fromkeys(name for _, name, _ in self.elements))


def select(model: pm.Model, names: Sequence[str]) -> Selected:
    """Up to MOST_ELEMENTS evenly spaced elements of each variable, labelled by the model's coordinates."""
    elements = []
    left_out = {}
    for name in names:
        shape = tuple(int(size) for size in model[name].shape.eval())
        size = int(np.prod(shape))
        chosen = np.unique(np.linspace(0, size - 1, min(size, MOST_ELEMENTS)).round().astype(int))
        labels = _labels(model, name, shape)
        elements += [(labels[at], name, int(at)) for at in chosen]
        if len(chosen) < size:
            left_out[name] = size - len(chosen)
    return Selected(elements, left_out)


def _labels(model: pm.Model, name: str, shape: tuple[int, ...]) -> list[str]:
    if not shape:
        return [name]
    dims = model.named_vars_to_dims.get(name) or (None,) * len(shape)
    axes = [
        [str(one) for one in (model.coords.get(dim) or range(size))]
        for dim, size in zip(dims, shape, strict=True)
    ]
    return [f"{name}[{', '.join(index)}]" for index in product(*axes)]
