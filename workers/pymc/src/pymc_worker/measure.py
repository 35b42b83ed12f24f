"""One measurement: `python -m pymc_worker.measure RUN_DIRECTORY`."""

from typing import Any

from nx_study_posterior.stopwatch import Stopwatch
from nx_study_worker import Outcome, Run, run


def measure(task: Run) -> Outcome:
    """Data, model, draws, file: each in its own module, in this order."""
    watch = Stopwatch(task)
    with watch.phase("importing", "import_s"):
        # Here and not above: importing takes seconds, and they should be seen as such.
        from nx_study_posterior.fit import DRAWS, fit, payload, save
        from nx_study_posterior.samplers import check_installed
        from nx_study_posterior.storage import check_storage

        from .computed import compute
        from .config import read_configuration
        from .data import read_data
        from .groups import attributes, facts, groups, observations
        from .imports import check_run_imports
        from .model import load_model

        check_storage(task.directory)
    with watch.phase("reading", "data_s"):
        configuration = read_configuration(task.request.configuration)
        check_installed(configuration.values["sampler"])
        data = read_data(configuration.data)
    with watch.phase("building", "build_s"):
        own = load_model(configuration, data)
        built = own.build()
        beside = groups(built.model)
        check_run_imports(task.request)
    if configuration.values["simulate"] is not None:
        return _simulated(task, watch, configuration, built)
    done = fit(task, watch, built, configuration.sampler(task.request.seed, task.request.cpus))
    computed = compute(own, done.trimmed, beside)
    check_run_imports(task.request)
    whole = {**beside, **({} if computed.quantities is None else {"quantities": computed.quantities})}
    about = attributes(configuration, task.request.modules.get("model", []))
    saved = save(task, watch, done, whole, {**about, "derived_failure": computed.failure or ""})
    observed = beside.get("observed_data")
    result = {
        **payload(watch, done, saved),
        "observations": observations(observed),
        "data": facts(configuration, built, observed),
        "start": {**done.start, "set": sorted(built.initial)},
        "warnings": _warnings(computed.failure),
    }
    return Outcome("posterior", result, [DRAWS], partial=not done.complete)


def _warnings(failure: str | None) -> list[dict[str, str]]:
    return [] if failure is None else [{"code": "derived-failed", "message": f"no quantities: {failure}"}]


def _simulated(task: Run, watch: Stopwatch, configuration: Any, built: Any) -> Outcome:
    """Fits of data from the prior in place of the one of the observed data."""
    from nx_study_posterior.simulate import SIMULATIONS, Simulation, simulate_and_fit, simulated_payload

    from .groups import facts, groups, observations
    from .imports import check_run_imports

    observed = groups(built.model).get("observed_data")
    about = facts(configuration, built, observed)
    settings = configuration.sampler(task.request.seed, task.request.cpus)
    done = simulate_and_fit(
        task, watch, built, Simulation(settings, int(configuration.values["simulations"]))
    )
    check_run_imports(task.request)
    result = {
        **simulated_payload(watch, done),
        "observations": observations(observed),
        "data": {"simulated": "prior", **about},
    }
    return Outcome("posterior", result, [SIMULATIONS], partial=not done.complete)


if __name__ == "__main__":
    run(measure)
