"""What follows from draws together with the PyMC model that they were sampled from, rebuilt by a worker."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pymc as pm

from nx_study_worker import Unsupported

from ..forward import NOT_DRAWN
from .absence import Absences
from .checks import Checks
from .densities import Densities, Uncomputable, first_line, refuse_missing
from .draws import Draws
from .estimates import Quantity
from .loo import PATH, relative_efficiency, thinned_variables, thinning
from .loo_pit import loo_pit, observations_used, why_no_pit
from .observed import loo_of_observed, observed_values, others_as_observed, sources
from .overlap import PATH as OVERLAP
from .overlap import overlaps
from .replicated import from_prior, replicated
from .sensitivity import DRAWS_WANTED, LogDensities, sensitivity
from .sensitivity import PATH as SENSITIVITY

PREDICTIVE = "predictive"


def described_by_model(
    model: pm.Model, draws: Draws, quantities: Iterable[Quantity], absences: Absences
) -> dict[str, Any]:
    """Parts of derived.json: `loo`, `loo_by`, `sensitivity`, `predictive`, `overlap`.

    Raises WorkerError where the model was rebuilt with other data.
    """
    values = observed_values(model, draws)
    found: dict[str, Any] = {}
    densities: Densities | None = None
    try:
        densities = Densities(model, draws)
    except Uncomputable as error:
        for path in (PATH, SENSITIVITY):
            absences.add(path, str(error))
        found |= {"loo": None, "sensitivity": None}
    if densities is not None:
        found |= loo_of_observed(
            draws, sources(model, densities, draws, values), absences, densities.potentials
        )
        found["sensitivity"] = sensitivity(quantities, _log_densities(draws, densities), absences)
    prior_checks, overlap = _under_prior(model, draws, values, absences)
    found["predictive"] = [
        {**one, "prior": prior_checks.get(str(one["variable"]))}
        for one in _under_posterior(model, draws, values, densities, absences)
    ]
    return {**found, "overlap": overlap}


def _log_densities(draws: Draws, densities: Densities) -> LogDensities:
    prior, likelihood = densities.totals(thinned_variables(draws, DRAWS_WANTED))
    step = thinning(draws, DRAWS_WANTED)
    return LogDensities(prior, likelihood, densities.scaled, step, densities.potentials)


def _under_posterior(
    model: pm.Model,
    draws: Draws,
    values: Mapping[str, np.ndarray],
    densities: Densities | None,
    absences: Absences,
) -> list[dict[str, Any]]:
    """Test quantities and LOO-PIT of each observed variable; nulls with a reason."""
    checks = {name: Checks(value) for name, value in values.items()}
    at = {name: observations_used(value.size) for name, value in values.items()}
    kept: dict[str, list[np.ndarray]] = {name: [] for name in values}
    reason = None
    try:
        conditional = {name: others_as_observed(model, name, values) for name in values}
        # PyMC would draw a variable that is not there from its prior.
        refuse_missing([variable.name for variable in model.free_RVs], draws)
        for part in replicated(model, draws, list(values)) if values else ():
            for name, data in part.items():
                checks[name].add(data)
                if conditional[name] is None:
                    kept[name].append(data.reshape(len(data), -1)[:, at[name]])
        for name, given_others in conditional.items():
            for part in () if given_others is None else replicated(given_others, draws, [name]):
                kept[name].append(part[name].reshape(len(part[name]), -1)[:, at[name]])
    except Exception as error:  # a model without a way to draw data must not cost the other diagnostics
        reason = _reason(error, "data can't be drawn from the model")
    found = []
    for number, (name, value) in enumerate(values.items()):
        path = f"{PREDICTIVE}.{number}"
        described: dict[str, Any] = {"variable": name, "observations": int(value.size)}
        if reason:
            absences.add(path, reason)
            found.append({**described, **dict.fromkeys(("draws_used", "quantities", "quantiles", "loo_pit"))})
            continue
        pit = None
        if no_pit := _why_no_pit(name, value, densities):
            absences.add(f"{path}.loo_pit", no_pit)
        elif densities is not None:
            thinned = thinned_variables(draws)
            likelihood = densities.log_likelihood(thinned, name, at[name])
            pit = loo_pit(
                value.ravel()[at[name]],
                np.concatenate(kept[name]),
                likelihood.reshape(-1, likelihood.shape[-1]),
                relative_efficiency(thinned),
            )
        found.append({**described, **checks[name].found(path, absences), "loo_pit": pit})
    return found


def _reason(error: Exception, what: str) -> str:
    told = isinstance(error, Uncomputable | Unsupported)
    return str(error) if told else f"{what}: {first_line(error)}"


def _why_no_pit(name: str, value: np.ndarray, densities: Densities | None) -> str | None:
    return (
        "the model's density can't be computed"
        if densities is None
        else why_no_pit(value, densities.shape(name))
    )


def _under_prior(
    model: pm.Model, draws: Draws, values: Mapping[str, np.ndarray], absences: Absences
) -> tuple[dict[str, dict[str, Any]], dict[str, Any] | None]:
    """Of observed variables: checks under the prior. Of free ones: overlap of prior and posterior."""
    names = [variable.name for variable in model.free_RVs if variable.name in draws.variables]
    checks = {name: Checks(value) for name, value in values.items()}
    parts: dict[str, list[np.ndarray]] = {name: [] for name in names}
    try:
        for part in from_prior(model, names, list(values)):
            for name, check in checks.items():
                check.add(part[name])
            for name in names:
                parts[name].append(part[name])
    except Exception as error:  # as above
        reason = _reason(error, NOT_DRAWN)
        absences.add(OVERLAP, reason)
        for number in range(len(values)):
            absences.add(f"{PREDICTIVE}.{number}.prior", reason)
        return {}, None
    described = {
        name: check.found(f"{PREDICTIVE}.{number}.prior", absences)
        for number, (name, check) in enumerate(checks.items())
    }
    prior = {name: np.concatenate(drawn) for name, drawn in parts.items()}
    return described, overlaps(prior, draws, absences)
