"""NUTS of BlackJAX, tuned as its `window_adaptation` does, from the same parts: that itself is one call."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import blackjax
import jax
import jax.numpy as jnp
from blackjax.adaptation.mass_matrix import mass_matrix_adaptation
from blackjax.adaptation.step_size import dual_averaging_adaptation
from blackjax.adaptation.window_adaptation import build_schedule

from ..sampling import MAX_TREEDEPTH, Settings
from .jax_nuts import Chains, Step

NAME = "BlackJAX NUTS"
STEP_SIZE = 1.0


class Tuning(NamedTuple):
    """Of one chain: what its kernel uses, and what has been learned towards the next values."""

    step_size: Any
    averaging: Any
    masses: Any


def begin(density: Callable[[Any], Any], settings: Settings, keys: Any, position: Any) -> Chains:
    """As `Chains` says."""
    kernel = blackjax.nuts.build_kernel()
    new_tuning, tune = _tuning(settings)

    @jax.jit
    @jax.vmap
    def start(position: Any) -> tuple[Any, Tuning]:
        return blackjax.nuts.init(position, density), new_tuning(position)

    @partial(jax.vmap, in_axes=(0, 0, None))
    def one(key: Any, state: tuple[Any, Tuning], at: Any) -> tuple[Any, Step]:
        chain, tuning = state
        chain, info = kernel(
            jax.random.fold_in(key, at),
            chain,
            density,
            tuning.step_size,
            tuning.masses.inverse_mass_matrix,
            MAX_TREEDEPTH,
        )
        deepest = info.num_trajectory_expansions >= MAX_TREEDEPTH
        told = Step(
            position=chain.position,
            log_density=chain.logdensity,
            energy=info.energy,
            diverging=info.is_divergent,
            reached_max_treedepth=deepest & ~info.is_turning & ~info.is_divergent,
            n_steps=info.num_integration_steps,
            step_size=tuning.step_size,
            acceptance_rate=info.acceptance_rate,
        )
        tuning = jax.lax.cond(
            at < settings.tune,
            lambda: tune(tuning, at, chain.position, info.acceptance_rate),
            lambda: tuning,
        )
        return (chain, tuning), told

    state = start(position)
    return Chains(state, partial(one, keys), state[0].logdensity, state[0].logdensity_grad)


def _tuning(settings: Settings) -> tuple[Callable[[Any], Tuning], Callable[..., Tuning]]:
    """How tuning starts, and its update by one step.

    Stan's windows: masses are learned in those that are slow, and used and learned anew when one ends, which
    also restarts the step size. https://mc-stan.org/docs/reference-manual/mcmc.html
    """
    start_masses, learn_masses, use_masses = mass_matrix_adaptation(is_diagonal_matrix=True)
    start_size, learn_size, mean_size = dual_averaging_adaptation(settings.target_accept)
    slow, ends = jnp.asarray(build_schedule(settings.tune)).astype(bool).T

    def new(position: Any) -> Tuning:
        size = sum(values.size for values in jax.tree.leaves(position))
        return Tuning(jnp.asarray(STEP_SIZE), start_size(STEP_SIZE), start_masses(size))

    def update(tuning: Tuning, at: Any, position: Any, acceptance_rate: Any) -> Tuning:
        averaging, masses = learn_size(tuning.averaging, acceptance_rate), tuning.masses
        masses = jax.lax.cond(slow[at], lambda: learn_masses(masses, position), lambda: masses)
        averaging, masses = jax.lax.cond(
            ends[at],
            lambda: (start_size(mean_size(averaging)), use_masses(masses)),
            lambda: (averaging, masses),
        )
        last = at == settings.tune - 1
        step_size = jnp.where(last, mean_size(averaging), jnp.exp(averaging.log_step_size))
        return Tuning(step_size, averaging, masses)

    return new, update
