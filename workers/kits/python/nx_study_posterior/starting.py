"""Start points chain by chain, for samplers that do not draw their own."""

from typing import Any

import numpy as np
from pymc.initial_point import make_initial_point_fn

from nx_study_worker import WorkerError

from .built import BuiltModel

TRIES = 20


def start_points(built: BuiltModel, seed: int, chains: int) -> list[dict[str, np.ndarray]]:
    """Values of all free variables for each chain, jittered where the model allows it.

    Raises WorkerError where a chain finds no start with a finite log density.
    """
    model, jittered = built.model, set(built.jittered)
    draw = make_initial_point_fn(
        model=model,
        overrides=dict(built.initial),
        jitter_rvs={variable for variable in model.free_RVs if variable.name in jittered},
        return_transformed=False,
    )
    transformed = make_initial_point_fn(
        model=model,
        overrides=dict(built.initial),
        jitter_rvs={variable for variable in model.free_RVs if variable.name in jittered},
    )
    density = model.compile_logp(mode="FAST_COMPILE")
    seeds = np.random.SeedSequence(seed).spawn(chains)
    return [_finite(draw, transformed, density, chain) for chain in seeds]


def _finite(
    draw: Any, transformed: Any, density: Any, chain: np.random.SeedSequence
) -> dict[str, np.ndarray]:
    """From the same seed both functions draw the same: on the model's scale, and unconstrained."""
    found = np.nan
    for seed in chain.generate_state(TRIES):
        found = float(density(transformed(int(seed))))
        if np.isfinite(found):
            return dict(draw(int(seed)))
    raise WorkerError(f"start point: the log density is {found} at each of {TRIES} starts")
