"""One fit from start to draws on the disk: python fit.py SAMPLER MODEL CONFIGURATION SEED FILE [only-fit]."""

import json
import resource
import sys
import time
from typing import Any

import arviz as az
import numpy as np
import nutpie
import pymc as pm
from plain import bare_compile, plain_model, read, worker_model

MODELS = {"fused": worker_model, "pm.Bernoulli": plain_model}


def main(sampler: str, model: str, configuration: str, seed: int, file: str, *only_fit: str) -> None:
    """Print CPU seconds, gradients, effective sample sizes, and when the draws were saved; or nothing."""
    settings, observations = read(configuration)
    built = MODELS[model](settings, observations)
    begin_cpu_s = cpu_s()
    draws, compile_cpu_s = SAMPLERS[sampler](built, settings.sampler(seed, 1))
    fit_cpu_s = cpu_s() - begin_cpu_s
    for group in draws.groups:
        draws[group].attrs = {}  # nutpie's are no strings, which NetCDF wants
    draws.to_netcdf(file, engine="h5netcdf")
    if only_fit:
        return
    saved_at, whole_cpu_s = time.time(), cpu_s()
    posterior = draws["posterior"].to_dataset()[["xi", "alpha", "beta"]]
    effective = np.concatenate([values.values for values in az.ess(posterior).data_vars.values()])
    result = {
        "saved_at": saved_at,
        "whole_cpu_s": whole_cpu_s,
        "compile_cpu_s": compile_cpu_s,
        "sample_cpu_s": fit_cpu_s - compile_cpu_s,
        "steps": int(draws["sample_stats"]["n_steps"].sum()),
        "ess_min": float(effective.min()),
        "ess_median": float(np.median(effective)),
        "rhat_max": float(max(values.max() for values in az.rhat(posterior).data_vars.values())),
    }
    print(json.dumps(result))


def by_nutpie(built: Any, settings: Any) -> tuple[Any, float]:
    """As its documentation has it."""
    begin_s = cpu_s()
    compiled = bare_compile(built)
    compile_s = cpu_s() - begin_s
    options = {name: getattr(settings, name) for name in ("chains", "tune", "draws", "target_accept", "seed")}
    return nutpie.sample(compiled, **options, cores=1, progress_bar=False), compile_s


def by_pymc(built: Any, settings: Any) -> tuple[Any, float]:
    """PyMC's own NUTS, from the same start, without the jitter that would put chains on both sides."""
    with built.model:
        begin_s = cpu_s()
        step = pm.NUTS(target_accept=settings.target_accept)
        compile_s = cpu_s() - begin_s
        draws = pm.sample(
            step=step,
            draws=settings.draws,
            tune=settings.tune,
            chains=settings.chains,
            random_seed=settings.seed,
            initvals=dict(built.initial),
            cores=1,
            progressbar=False,
            compute_convergence_checks=False,
        )
    return draws, compile_s


def cpu_s() -> float:
    """Of this process, all its threads, and the children that it has waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


SAMPLERS = {"nutpie": by_nutpie, "pymc": by_pymc}
main(*sys.argv[1:4], int(sys.argv[4]), *sys.argv[5:])
