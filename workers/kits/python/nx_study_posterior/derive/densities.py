"""Densities of a PyMC model at saved draws: pointwise log-likelihoods and the log prior, never whole."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pymc as pm
from pymc.distributions.distribution import SymbolicRandomVariable
from pymc.model.transform.conditioning import remove_value_transforms
from pytensor.graph.traversal import ancestors
from pytensor.scalar.basic import Ceil, Clip, Floor, RoundHalfAwayFromZero, RoundHalfToEven, Trunc
from pytensor.tensor.random.op import RandomVariable

from ..missing import with_missing
from .draws import Draws
from .loo import DENSITIES, MIXED, PROBABILITIES

# Numbers that are held of one log-likelihood, 128 MB; each further block evaluates the model again.
BLOCK = 16_000_000
# Distributions, by their names within PyMC, that give single real numbers a probability.
WITH_POINTS = ("CensoredRV", "DiracDeltaRV")
# Of what is drawn they leave some numbers only, each with a probability.
ROUNDINGS = (Ceil, Floor, RoundHalfAwayFromZero, RoundHalfToEven, Trunc)


class Densities:
    """What `pm.compute_log_likelihood` and `pm.compute_log_prior` compute, of a few observations at a time.

    Densities are those of the variables themselves: without the transformations that the sampler used.
    """

    def __init__(self, model: pm.Model, draws: Draws) -> None:
        """Raises Uncomputable where the draws lack a variable, or a density can't be computed."""
        self.free = {variable.name: variable for variable in model.free_RVs}
        # The distribution of a variable that depends on others, such as people around their party, is
        # learned: part of the model, and no prior that someone chose.
        # A missing value is no parameter with a prior, though PyMC samples it.
        divided = with_missing(model)
        missing = {one.free.name for one in divided}
        self.scaled = [
            variable.name
            for variable in model.free_RVs
            if variable.name not in missing and not _depends(variable, model.free_RVs)
        ]
        refuse_missing(self.free, draws)
        if parts := [str(one) for one in divided if one.within_vectors]:
            raise Uncomputable(
                f"{', '.join(parts)}, within vectors: the density of what was observed of these is not known"
            )
        self.potentials = [one.name for one in model.potentials]
        self.kinds = kinds_of(model)
        self.sizes: dict[str, int] = {}
        self._shapes: dict[str, tuple[int, ...]] = {}
        try:
            plain = _plain(model)
            self._observed = [variable.name for variable in plain.observed_RVs]
            # Values have names of their own, such as `corr_cholesky` of an LKJCorr.
            self._values = {rv.name: plain.rvs_to_values[rv] for rv in plain.free_RVs}
            self._function = plain.compile_fn(
                inputs=plain.value_vars,
                outs=[
                    *plain.logp(vars=list(plain.observed_RVs), sum=False),
                    plain.logp(vars=[plain[name] for name in self.scaled], sum=True),
                ],
                on_unused_input="ignore",
            )
            point = self._points(thinned_free(draws, self.free, 1))[0]
            first = self._function(point)
        except Exception as error:  # a density that PyMC lacks must not cost the other diagnostics
            raise Uncomputable(f"the model's density can't be computed: {first_line(error)}") from error
        for name, values in zip(self._observed, first, strict=False):
            self._shapes[name] = np.shape(values)
            self.sizes[name] = int(np.size(values))

    def shape(self, variable: str) -> tuple[int, ...]:
        """Of the pointwise log-likelihoods of an observed variable; a vector may have one density."""
        return self._shapes[variable]

    def block(self, draws: int) -> int:
        """Observations at a time."""
        return max(1, BLOCK // draws)

    def log_likelihood(
        self, thinned: Mapping[str, np.ndarray], variable: str, at: slice | np.ndarray
    ) -> np.ndarray:
        """(chain, draw, observation) of some observations of an observed variable, flattened in C order."""
        index, points = self._observed.index(variable), self._points(thinned)
        # Written into an array of their own: a slice of what was computed would hold all of it.
        found = np.empty((len(points), np.arange(self.sizes[variable])[at].size))
        for row, point in zip(found, points, strict=True):
            row[:] = np.ravel(self._function(point)[index])[at]
        return found.reshape(*_sample_shape(thinned), -1)

    def totals(self, thinned: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray | None]:
        """(chain, draw): the log prior of the `scaled` variables, and the log-likelihood of all data.

        None without an observed variable: a potential is known as neither.
        """
        sums = [
            (float(values[-1]), float(sum(np.sum(one) for one in values[:-1])))
            for values in map(self._function, self._points(thinned))
        ]
        prior, likelihood = np.array(sums).reshape(*_sample_shape(thinned), 2).transpose(2, 0, 1)
        return prior, likelihood if self._observed else None

    def _points(self, thinned: Mapping[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
        flat = {
            value.name: thinned[name].reshape(-1, *thinned[name].shape[2:]).astype(value.dtype, copy=False)
            for name, value in self._values.items()
        }
        count = int(np.prod(_sample_shape(thinned)))
        return [{name: np.asarray(values[at]) for name, values in flat.items()} for at in range(count)]


def _plain(model: pm.Model) -> pm.Model:
    with without_starts(model):
        return remove_value_transforms(model)


@contextmanager
def without_starts(model: pm.Model) -> Iterator[None]:
    """PyMC copies no model in which a variable has a start of its own."""
    starts = dict(model.rvs_to_initial_values)
    try:
        model.rvs_to_initial_values.update(dict.fromkeys(starts))
        yield
    finally:
        model.rvs_to_initial_values.update(starts)


def kinds_of(model: pm.Model) -> dict[str, str]:
    """By observed variable what its likelihood has: probabilities, densities, or both."""
    return {variable.name: _kind(model, variable) for variable in model.observed_RVs}


def _kind(model: pm.Model, variable: Any) -> str:
    if not variable.dtype.startswith("float"):
        return PROBABILITIES
    others = {one for one in model.basic_RVs if one is not variable}
    own = set(ancestors([variable], blockers=others)) - others
    nodes = [one.owner for one in own if one.owner]
    inner = [within for node in nodes for within in _within(node)]
    if any(_of_drawn(node, ROUNDINGS) for node in inner):
        return PROBABILITIES
    points = any(type(node.op).__name__ in WITH_POINTS for node in [*nodes, *inner])
    return MIXED if points or any(_of_drawn(node, (Clip,)) for node in inner) else DENSITIES


def _within(node: Any) -> Iterator[Any]:
    """The nodes that a distribution is made of, such as those of the `dist` of a CustomDist."""
    if isinstance(node.op, SymbolicRandomVariable):
        for inner in node.op.fgraph.apply_nodes:
            yield inner
            yield from _within(inner)


def _of_drawn(node: Any, kinds: tuple[type, ...]) -> bool:
    """Whether it changes what was drawn; within a distribution, parameters are no random variables."""
    if not isinstance(getattr(node.op, "scalar_op", None), kinds):
        return False
    drawn = (RandomVariable, SymbolicRandomVariable)
    return any(isinstance(one.owner.op, drawn) for one in ancestors(node.inputs) if one.owner)


def _depends(variable: Any, others: Iterable[Any]) -> bool:
    above = set(ancestors([variable]))
    return any(one is not variable and one in above for one in others)


class Uncomputable(Exception):
    """Why a part of what is derived from a model and its draws is missing."""


def thinned_free(draws: Draws, free: Mapping[str, Any], count: int) -> dict[str, np.ndarray]:
    """The first `count` draws of each chain, of the free variables."""
    return {name: draws.posterior[name].values[:, :count] for name in free}


def first_line(error: BaseException) -> str:
    """Of a message; PyTensor's go on for pages."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def refuse_missing(free: Collection[str], draws: Draws) -> None:
    """Raises Uncomputable: without one of them, nothing that the model tells belongs to the draws."""
    if reason := draws.without_draws(free):
        raise Uncomputable(reason)
    if lost := [name for name in free if name not in draws.posterior]:
        raise Uncomputable(f"the draws lack the free variables {', '.join(lost)}")


def _sample_shape(thinned: Mapping[str, np.ndarray]) -> tuple[int, int]:
    chains, draws = next(iter(thinned.values())).shape[:2]
    return chains, draws
