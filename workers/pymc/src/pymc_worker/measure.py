"""One measurement: `python -m pymc_worker.measure RUN_DIRECTORY`."""

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
    done = fit(task, watch, built, configuration.sampler(task.request.seed, task.request.cpus))
    check_run_imports(task.request)
    saved = save(task, watch, done, beside, attributes(configuration, task.request.modules.get("model", [])))
    observed = beside.get("observed_data")
    result = {
        **payload(watch, done, saved),
        "observations": observations(observed),
        "data": facts(configuration, built, observed),
        "start": {**done.start, "set": sorted(built.initial)},
    }
    return Outcome("posterior", result, [DRAWS], partial=not done.complete)


if __name__ == "__main__":
    run(measure)
