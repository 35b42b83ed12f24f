"""NUTS in JAX, piece by piece: a compiled function takes some steps of all chains at once.

Between two pieces progress is told and a stop is seen. Where a piece ends changes no draw.
"""

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pymc as pm
import xarray as xr
from arviz_base import from_dict
from pymc.backends.arviz import coords_and_dims_for_inferencedata
from pymc.util import get_default_varnames

from nx_study_worker import Unsupported

from ..built import BuiltModel
from ..sampling import REPORT_S, Counter, Prepared, Report, Sampled, Settings, Stopping
from ..starting import check_values, start_points


def _translator() -> Any:
    """PyMC's, from graphs to JAX.

    Its module asks for 100 devices on the CPU, each with threads: a small model took twice the CPU time.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    from pymc.sampling.jax import get_jaxified_graph

    os.environ["XLA_FLAGS"] = flags
    return get_jaxified_graph


get_jaxified_graph = _translator()

# A piece lasts about so long, and no piece has more steps or larger arrays.
PIECE_S = 0.25
PIECE_STEPS = 4096
PIECE_BYTES = 2**24


class Step(NamedTuple):
    """A step of all chains; the first axis of each array is the chain."""

    # One array for each unconstrained variable, in the order of the model.
    position: Any
    log_density: Any
    energy: Any
    diverging: Any
    # Whether the tree might have grown on beyond the limit of its depth.
    reached_max_treedepth: Any
    # Leapfrog steps, which are evaluations of the gradient.
    n_steps: Any
    step_size: Any
    acceptance_rate: Any


@dataclass(frozen=True)
class Chains:
    """All chains of a library's NUTS at their start, as its module here begins them.

    Its `begin(density, settings, keys, position)` gets the log density as a function of the position of one
    chain; JAX's keys of random numbers and the positions have an axis of chains.

    `step(state, at)` gives the next state and a `Step`; `at` counts the steps from 0, and the first
    `Settings.tune` of them tune.
    """

    state: Any
    step: Callable[[Any, Any], tuple[Any, Step]]
    # At the start, as `Step` has them; the gradient is of the log density.
    log_density: Any
    gradient: Any


@dataclass(frozen=True)
class _Ready:
    model: pm.Model
    names: list[str]
    state: Any
    # (state, number of the first step, number of steps) → the state after them, and a row for each.
    piece: Callable[[Any, Any, Any], tuple[Any, Any]]
    # The shapes of one row, and how many a piece has room for.
    row: Any
    room: int


def prepare(built: BuiltModel, settings: Settings) -> Prepared:
    """Compile, and check the start of each chain."""
    library = _library(settings.sampler)
    starts = start_points(built, settings.seed, settings.chains, unconstrained=True)
    names = [variable.name for variable in built.model.value_vars]
    position = [jnp.asarray(np.stack([start[name] for start in starts])) for name in names]
    parameters = sum(math.prod(values.shape[1:]) for values in position)
    keys = jax.random.split(jax.random.PRNGKey(settings.seed), settings.chains)
    try:
        logp = get_jaxified_graph(inputs=built.model.value_vars, outputs=[built.model.logp()])
        chains = library.begin(jax.jit(lambda values: logp(*values)[0]), settings, keys, position)
        _check_starts(names, chains)
        ready = _compile(built.model, chains)
    except NotImplementedError as error:  # of an operation
        raise Unsupported(f"sampler: {settings.sampler} can't run this model in JAX: {error}") from error
    packages = ("jax", "jaxlib", settings.sampler)
    return Prepared(library.NAME, parameters, partial(_sample, ready, settings), packages=packages)


def _library(sampler: str) -> Any:
    """The module here that begins the sampler's chains, with its package."""
    try:
        return import_module(f".{sampler}_nuts", __package__)
    except (AttributeError, ImportError) as error:  # of another version
        raise Unsupported(
            f"sampler: {sampler} {version(sampler)} doesn't work with JAX {version('jax')}; "
            f"take other versions: {error}"
        ) from error


def _check_starts(names: list[str], chains: Chains) -> None:
    gradients = [np.asarray(values) for values in chains.gradient]
    labels = [label for name, values in zip(names, gradients, strict=True) for label in _labels(name, values)]
    for at, density in enumerate(np.asarray(chains.log_density)):
        check_values(labels, float(density), np.concatenate([values[at].ravel() for values in gradients]))


def _labels(name: str, values: np.ndarray) -> list[str]:
    """The elements of a variable; the first axis of the values is the chain."""
    return ["_".join([name, *map(str, index)]) for index in np.ndindex(values.shape[1:])]


def _compile(model: pm.Model, chains: Chains) -> _Ready:
    variables = get_default_varnames(model.unobserved_value_vars, include_transformed=False)
    values = jax.vmap(get_jaxified_graph(inputs=model.value_vars, outputs=variables))

    def step(state: Any, at: Any) -> tuple[Any, Any]:
        state, told = chains.step(state, at)
        return _typed(state), (values(*told.position), told._replace(position=()))

    state, start = _typed(chains.state), np.int64(0)
    _, row = jax.eval_shape(step, state, start)
    size = sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(row))
    room = max(1, min(PIECE_STEPS, PIECE_BYTES // size))

    def piece(state: Any, first: Any, count: Any) -> tuple[Any, Any]:
        def one(at: Any, carried: tuple[Any, Any]) -> tuple[Any, Any]:
            state, row = step(carried[0], first + at)
            return state, jax.tree.map(lambda rows, new: rows.at[at].set(new), carried[1], row)

        empty = jax.tree.map(lambda leaf: jnp.zeros((room, *leaf.shape), leaf.dtype), row)
        carried: tuple[Any, Any] = jax.lax.fori_loop(0, count, one, (state, empty))
        return carried

    compiled = jax.jit(piece).lower(state, start, start).compile()
    return _Ready(model, [variable.name for variable in variables], state, compiled, row, room)


def _typed(state: Any) -> Any:
    """With types that no later operation promotes, as a function that is compiled once must get them."""
    return jax.tree.map(lambda leaf: jax.lax.convert_element_type(leaf, leaf.dtype), state)


def _sample(ready: _Ready, settings: Settings, report: Report, stopping: Stopping) -> Sampled:
    counter = Counter(settings)
    # Chain, draw, and the shape of the element.
    kept = jax.tree.map(
        lambda leaf: np.empty((leaf.shape[0], settings.draws, *leaf.shape[1:]), leaf.dtype), ready.row
    )
    state, done, count, next_report_s = ready.state, 0, 1, 0.0
    while done < settings.tune + settings.draws and not stopping():
        left = (settings.tune if done < settings.tune else settings.tune + settings.draws) - done
        count, since = min(count, left), time.monotonic()
        state, rows = ready.piece(state, np.int64(done), np.int64(count))
        rows = jax.tree.map(lambda leaf, size=count: np.asarray(leaf)[:size].swapaxes(0, 1), rows)
        if done >= settings.tune:
            drawn = slice(done - settings.tune, done - settings.tune + count)
            for to, new in zip(jax.tree.leaves(kept), jax.tree.leaves(rows), strict=True):
                to[:, drawn] = new
        done += count
        _count(counter, rows[1])
        now = time.monotonic()
        if now >= next_report_s:
            report(counter.progress())
            next_report_s = now + REPORT_S
        count = max(1, min(ready.room, 2 * count, int(count * PIECE_S / (now - since))))
    complete = done == settings.tune + settings.draws
    if complete:
        report(counter.progress())
    return Sampled(_trace(ready, kept, max(0, done - settings.tune)), complete)


def _count(counter: Counter, steps: Step) -> None:
    """Chains are in step, so each has done as many."""
    count = steps.diverging.shape[1]
    counter.chains = [chain + count for chain in counter.chains]
    counter.gradients += int(steps.n_steps.sum())
    counter.step_size = float(steps.step_size[:, -1].mean())
    if any(counter.kept):
        counter.divergences += int(steps.diverging.sum())


def _trace(ready: _Ready, kept: Any, draws: int) -> xr.DataTree:
    """The draws that there are, as PyMC's own function for JAX gives them."""
    if draws == 0:
        return xr.DataTree()
    values, steps = jax.tree.map(lambda leaf: leaf[:, :draws], kept)
    coords, dims = coords_and_dims_for_inferencedata(ready.model)
    posterior = dict(zip(ready.names, values, strict=True))
    trace: xr.DataTree = from_dict(
        {"posterior": posterior, "sample_stats": _statistics(steps)}, coords=coords, dims=dims
    )
    return trace


def _statistics(steps: Step) -> dict[str, np.ndarray]:
    """By the names that ArviZ looks for; a tree of depth d has from 2^(d-1) to 2^d - 1 leapfrog steps."""
    return {
        "lp": steps.log_density,
        "energy": steps.energy,
        "diverging": steps.diverging,
        "tree_depth": np.frexp(steps.n_steps)[1].astype(np.int64),
        "reached_max_treedepth": steps.reached_max_treedepth,
        "n_steps": steps.n_steps,
        "step_size": steps.step_size,
        "acceptance_rate": steps.acceptance_rate,
    }
