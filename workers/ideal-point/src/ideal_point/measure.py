"""One measurement: `python -m ideal_point.measure RUN_DIRECTORY`."""

from typing import Any

from nx_study_posterior.sampler_keys import PRIOR
from nx_study_posterior.stopwatch import Stopwatch
from nx_study_worker import Outcome, Run, run

from .problems import listed

# A positive prior is then worth a warning. Below it are roll calls that hardly discriminate, whose sign is
# chance: 0.4 % of those of the 109th Senate recoded by party, 1.7 % of a sample of 60.
TOLERATED_SHARE = 0.1
# Of the first components of two chambers on who sits in both: below it, the two hardly tell the same.
WEAK_LINKS = 0.5
START = "first principal component of the votes, z-scored"
START_LINKED = "first principal component of each chamber's votes, linked by who sits in several, z-scored"


def measure(task: Run) -> Outcome:
    """Data, model, start, draws, file: each in its own module, in this order."""
    watch = Stopwatch(task)
    with watch.phase("importing", "import_s"):
        # Here and not above: importing takes seconds, and they should be seen as such.
        from nx_study_posterior.fit import DRAWS, fit, payload, save
        from nx_study_posterior.storage import check_storage

        from .config import read_configuration
        from .data import observe
        from .groups import attributes, groups, of_all_draws
        from .models import build_model

        check_storage(task.directory)
    with watch.phase("reading", "data_s"):
        configuration = read_configuration(task.request.configuration)
        observations = observe(configuration)
    if configuration.simulate is not None:
        return _simulated(task, watch, configuration, observations)
    warnings = _warnings(configuration, observations.report)
    for warning in warnings:
        task.events.warning(**warning)
    with watch.phase("building", "build_s"):
        built = build_model(configuration, observations)
    if configuration.sampler_name == PRIOR:
        return _prior(task, watch, configuration, observations, built, warnings)
    done = fit(task, watch, built, configuration.sampler(task.request.seed, task.request.cpus))
    beside = groups(observations)
    about = attributes(configuration, observations, built)
    if done.settings.keep != "all":
        with watch.phase("writing", "write_s"):
            beside |= of_all_draws(done.trimmed, beside["constant_data"], about)
    saved = save(task, watch, done, beside, about)
    component = observations.component
    result = {
        **payload(watch, done, saved),
        "observations": observations.report["cells"]["observed"],
        "data": observations.report,
        "start": {
            "positions": START if len(observations.chambers.names) == 1 else START_LINKED,
            "explained_share": component.explained_share,
            "oriented_by": component.oriented_by,
            "oriented_by_scores": component.oriented_by_scores,
            **done.start,
        },
        "notes": built.notes,
        "warnings": warnings,
    }
    return Outcome("posterior", result, [DRAWS], partial=not done.complete)


def _prior(
    task: Run, watch: Stopwatch, configuration: Any, observations: Any, built: Any, warnings: list[Any]
) -> Outcome:
    """Draws from the prior in place of a posterior; the votes that they make are drawn by `derive`."""
    from nx_study_posterior.prior import DRAWS, draw_prior, prior_payload, save_prior

    from .groups import attributes, groups

    drawn = draw_prior(task, watch, built.model, configuration.draws)
    about = attributes(configuration, observations, built)
    draws_bytes = save_prior(task, watch, drawn, groups(observations), about)
    result = {
        **prior_payload(watch, drawn, draws_bytes),
        "observations": observations.report["cells"]["observed"],
        "data": observations.report,
        "notes": built.notes,
        "warnings": warnings,
    }
    return Outcome("posterior", result, [DRAWS])


def _simulated(task: Run, watch: Stopwatch, configuration: Any, observations: Any) -> Outcome:
    """Fits of data from the prior in place of the one of the votes."""
    from nx_study_posterior.simulate import SIMULATIONS, simulate_and_fit, simulated_payload

    from .models import build_model
    from .simulation import shape_of_data, simulation

    with watch.phase("building", "build_s"):
        built = build_model(configuration, observations)
        settings = configuration.sampler(task.request.seed, task.request.cpus)
        planned = simulation(configuration, observations, built, settings)
    done = simulate_and_fit(task, watch, built, planned)
    result = {
        **simulated_payload(watch, done),
        "observations": observations.report["cells"]["observed"],
        "data": shape_of_data(observations.report),
    }
    return Outcome("posterior", result, [SIMULATIONS], partial=not done.complete)


def _warnings(configuration: Any, report: dict[str, Any]) -> list[dict[str, str]]:
    return [*_polarity(configuration, report), *link_warnings(report), *party_warnings(report)]


def _polarity(configuration: Any, report: dict[str, Any]) -> list[dict[str, str]]:
    share = report["negative_discrimination_share"]
    if not configuration.beta_prior.positive or share <= TOLERATED_SHARE:
        return []
    found = f"β is positive by its prior, but {share:.0%} of the roll calls discriminate the other way"
    if configuration.data.polarity == "none":
        message = f"{found}; set polarity: party"
        return [{"code": "positive-prior-without-polarity", "message": message}]
    return [{"code": "polarity-incomplete", "message": f"{found} although recoded by party"}]


def link_warnings(report: dict[str, Any]) -> list[dict[str, str]]:
    """Chambers whose shared members lie elsewhere in each."""
    return [
        {
            "code": "weak-links",
            "message": f"{chamber['name']}: on the first component of its votes the {chamber['linked_by']} "
            f"people who link it correlate by only {chamber['correlation_of_links']:z.2f} with where they "
            "are in the other chambers, so that it is doubtful whether they have one position in both",
        }
        for chamber in report.get("chambers", [])
        if chamber["linked_by"] is not None and chamber["correlation_of_links"] < WEAK_LINKS
    ]


def party_warnings(report: dict[str, Any]) -> list[dict[str, str]]:
    """People with one position who are of several parties: numbers by party can count them under one only."""
    changed = [
        f"{one['name']} ({', '.join(f'{party} in {chamber}' for chamber, party in one['parties'].items())})"
        for one in report.get("party_changes", [])
    ]
    if not changed:
        return []
    told = f"{listed(changed, 5)}: numbers by party count each under the first party named"
    return [{"code": "party-changed", "message": told}]


if __name__ == "__main__":
    run(measure)
