"""Start points chain by chain, for samplers that do not draw their own, and whether a start is good."""

import math
from typing import Any

import numpy as np
from pymc.initial_point import make_initial_point_fn

from nx_study_worker import WorkerError

from .built import BuiltModel

TRIES = 20


def start_points(
    built: BuiltModel, seed: int, chains: int, *, unconstrained: bool = False
) -> list[dict[str, np.ndarray]]:
    """Values of all free variables for each chain, jittered where the model allows it.

    They are on the model's scale by the names of the free variables, or unconstrained by those of the value
    variables. Raises WorkerError where a chain finds no start with a finite log density.
    """
    model, jittered = built.model, set(built.jittered)
    transformed, draw = (
        make_initial_point_fn(
            model=model,
            overrides=dict(built.initial),
            jitter_rvs={variable for variable in model.free_RVs if variable.name in jittered},
            return_transformed=scale,
        )
        for scale in (True, unconstrained)
    )
    density = model.compile_logp(mode="FAST_COMPILE")
    seeds = np.random.SeedSequence(seed).spawn(chains)
    return [_finite(draw, transformed, density, chain) for chain in seeds]


def check_values(names: list[str], density: float, gradient: np.ndarray) -> None:
    """Raise WorkerError where the log density or its gradient at a start is of no use, and say of what.

    `names` are those of the gradient's elements, which are on the unconstrained scale.
    """
    if not math.isfinite(density):
        raise WorkerError(f"start point: the log density is {density}")
    if bad := where(names, ~np.isfinite(gradient)):
        raise WorkerError(f"start point: the gradient with respect to {bad} is not finite")
    if bad := where(names, gradient == 0):
        raise WorkerError(
            f"start point: the gradient with respect to {bad} is zero, so the sampler could not scale it"
        )


def where(names: list[str], flags: np.ndarray) -> str:
    """The first few of the flagged parameters, and how many there are."""
    found = [name for name, flag in zip(names, flags, strict=True) if flag]
    if not found:
        return ""
    return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")


def _finite(
    draw: Any, transformed: Any, density: Any, chain: np.random.SeedSequence
) -> dict[str, np.ndarray]:
    """From the same seed both functions draw the same start, on whichever scale."""
    found = np.nan
    for seed in chain.generate_state(TRIES):
        found = float(density(transformed(int(seed))))
        if np.isfinite(found):
            return dict(draw(int(seed)))
    raise WorkerError(f"start point: the log density is {found} at each of {TRIES} starts")
