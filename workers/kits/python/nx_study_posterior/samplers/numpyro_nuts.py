"""NUTS of NumPyro, whose kernel tunes by itself."""

from collections.abc import Callable
from typing import Any

from numpyro.infer import NUTS

from ..sampling import MAX_TREEDEPTH, Settings
from .jax_nuts import Chains, Step

NAME = "NumPyro NUTS"


def begin(density: Callable[[Any], Any], settings: Settings, keys: Any, position: Any) -> Chains:
    """As `Chains` says."""
    kernel = NUTS(
        potential_fn=lambda values: -density(values),
        target_accept_prob=settings.target_accept,
        max_tree_depth=MAX_TREEDEPTH,
    )
    start = kernel.init(keys, settings.tune, position, (), {})

    def step(state: Any, _at: Any) -> tuple[Any, Step]:
        state = kernel.sample(state, (), {})
        told = Step(
            position=state.z,
            log_density=-state.potential_energy,
            energy=state.energy,
            diverging=state.diverging,
            # Of a full tree the state doesn't tell whether it had turned, which would have ended it as well.
            reached_max_treedepth=(state.num_steps >= 2**MAX_TREEDEPTH - 1) & ~state.diverging,
            n_steps=state.num_steps,
            step_size=state.adapt_state.step_size,
            acceptance_rate=state.accept_prob,
        )
        return state, told

    return Chains(start, step, -start.potential_energy, [-values for values in start.z_grad])
