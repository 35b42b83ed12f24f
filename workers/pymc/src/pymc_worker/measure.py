"""One measurement: `python -m pymc_worker.measure RUN_DIRECTORY`."""

from typing import Any

from nx_study_posterior.sampler_keys import PRIOR
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

        from .computed import compute, sampled_groups
        from .config import read_configuration
        from .data import read_data
        from .groups import attributes, facts, groups, missing_values, observations
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
    if configuration.values["sampler"] == PRIOR:
        return _prior(task, watch, configuration, own, built)
    done = fit(task, watch, built, configuration.sampler(task.request.seed, task.request.cpus))
    computed = compute(own, sampled_groups(done.trimmed, beside))
    check_run_imports(task.request)
    about = attributes(configuration, task.request.modules.get("model", []))
    groups_beside = {**beside, **computed.group}
    saved = save(task, watch, done, groups_beside, {**about, "derived_failure": computed.failure or ""})
    observed = beside.get("observed_data")
    result = {
        **payload(watch, done, saved),
        "observations": observations(observed),
        "data": facts(configuration, built, observed),
        "start": {**done.start, "set": sorted(built.initial)},
        "warnings": [*_warnings(computed.failure), *missing_values(built.model)],
    }
    return Outcome("posterior", result, [DRAWS], partial=not done.complete)


def _prior(task: Run, watch: Stopwatch, configuration: Any, own: Any, built: Any) -> Outcome:
    """Draws from the prior in place of a posterior; the data that they make are drawn by `derive`."""
    from nx_study_posterior.prior import DRAWS, draw_prior, prior_payload, save_prior

    from .computed import compute
    from .groups import attributes, facts, groups, missing_values, observations
    from .imports import check_run_imports

    beside = groups(built.model)
    drawn = draw_prior(task, watch, built.model, int(configuration.values["draws"]))
    computed = compute(own, {"posterior": drawn.values, "prior": drawn.values, **beside})
    check_run_imports(task.request)
    about = attributes(configuration, task.request.modules.get("model", []))
    draws_bytes = save_prior(
        task,
        watch,
        drawn,
        {**beside, **computed.group},
        {**about, "derived_failure": computed.failure or ""},
    )
    observed = beside.get("observed_data")
    result = {
        **prior_payload(watch, drawn, draws_bytes),
        "observations": observations(observed),
        "data": facts(configuration, built, observed),
        "warnings": [*_warnings(computed.failure), *missing_values(built.model)],
    }
    return Outcome("posterior", result, [DRAWS])


def _warnings(failure: str | None) -> list[dict[str, str]]:
    return [] if failure is None else [{"code": "derived-failed", "message": f"no quantities: {failure}"}]


def _simulated(task: Run, watch: Stopwatch, configuration: Any, built: Any) -> Outcome:
    """Fits of data from the prior in place of the one of the observed data."""
    from nx_study_posterior.simulate import SIMULATIONS, Simulation, simulate_and_fit, simulated_payload

    from .groups import facts, groups, missing_values, observations
    from .imports import check_run_imports

    observed = groups(built.model).get("observed_data")
    about = facts(configuration, built, observed)
    missing = missing_values(built.model)
    settings = configuration.sampler(task.request.seed, task.request.cpus)
    done = simulate_and_fit(
        task, watch, built, Simulation(settings, int(configuration.values["simulations"]))
    )
    check_run_imports(task.request)
    payload = simulated_payload(watch, done)
    result = {
        **payload,
        "observations": observations(observed),
        "data": {"simulated": "prior", **about},
        "warnings": [*payload["warnings"], *missing],
    }
    return Outcome("posterior", result, [SIMULATIONS], partial=not done.complete)


if __name__ == "__main__":
    run(measure)
