"""From a built model to a compiled one whose start point is known to be good."""

import ctypes
from typing import Any

import numpy as np
import nutpie

from nx_study_worker import WorkerError

from .built import BuiltModel
from .starting import TRIES, check_values, where


def compile_model(built: BuiltModel) -> Any:
    """Compile density, gradient and start; jitter only where the model allows it."""
    jittered = set(built.jittered)
    return nutpie.compile_pymc_model(
        built.model,
        initial_points=dict(built.initial),
        jitter_rvs={variable for variable in built.model.free_RVs if variable.name in jittered},
    )


def check_start(compiled: Any, seed: int) -> dict[str, Any]:
    """Evaluate starts as chains draw them, until one is good: a chain draws another one where one is not.

    Raises WorkerError where none of TRIES is, naming what is wrong with the last one: chains would find that
    out after 500 silent tries.
    """
    others = np.random.SeedSequence(seed).generate_state(TRIES - 1)
    problem = ""
    for one in (seed, *map(int, others)):
        try:
            return _checked(compiled, one)
        except WorkerError as error:
            problem = str(error)
    raise WorkerError(f"{problem}; {TRIES} starts were tried")


def _checked(compiled: Any, seed: int) -> dict[str, Any]:
    point = compiled.initial_point_func(seed)
    names = list(compiled.coords["unconstrained_parameter"])
    if bad := where(names, ~np.isfinite(point)):
        raise WorkerError(f"start point: {bad} is not finite")
    density, gradient = _evaluate(compiled, point)
    check_values(names, density, gradient)
    return {"log_density": density, "gradient_norm": float(np.linalg.norm(gradient)), "checked_seed": seed}


def _evaluate(compiled: Any, point: np.ndarray) -> tuple[float, np.ndarray]:
    """Call the compiled function that the sampler will call: compiling another one costs seconds."""
    point = np.ascontiguousarray(point, dtype=np.float64)
    gradient = np.full_like(point, np.nan)
    density = np.full((), np.nan)
    number = ctypes.POINTER(ctypes.c_double)
    compiled.compiled_logp_func.ctypes(
        len(point),
        point.ctypes.data_as(number),
        gradient.ctypes.data_as(number),
        density.ctypes.data_as(number),
        compiled.user_data.ctypes.data,
    )
    return float(density), gradient
