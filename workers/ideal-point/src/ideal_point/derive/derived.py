"""The derived object: what any posterior has, and this worker's own section."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nx_study_posterior.derive import derived
from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.derive.derived import Deriving, Own
from nx_study_posterior.derive.estimates import Quantity, of_kept_draws
from nx_study_posterior.derive.loo import PATH as LOO
from nx_study_posterior.derive.loo import loo
from nx_study_posterior.derive.overlap import PATH as OVERLAP
from nx_study_posterior.derive.overlap import overlaps
from nx_study_posterior.derive.sensitivity import PATH as SENSITIVITY
from nx_study_posterior.derive.sensitivity import sensitivity

from ..scale import VARIABLES
from .alignment import align
from .basis import basis
from .draws import VoteDraws
from .log_prior import log_densities
from .predictive import prior_predictive
from .prior_draws import prior_draws
from .priors import priors
from .quantities import quantities
from .second import add_second_dimension, second_warnings
from .section import PATH, ideal_point_section
from .sides import side_warnings
from .under_prior import of_prior
from .votes import votes


def derive(path: Path) -> dict[str, Any]:
    """Everything that follows from the draws in `path`; for the prior, its model is built again."""
    return derived.derive(path, Deriving(VoteDraws, _of_posterior, of_prior))


def _of_posterior(directory: Path, draws: VoteDraws, absences: Absences) -> Own:
    aligned = align(draws)
    section = ideal_point_section(draws, aligned, absences)
    path = f"{PATH}.prior_predictive"
    from_prior = prior_draws(directory, draws, absences, path)
    section["prior_predictive"] = None if from_prior is None else prior_predictive(from_prior, absences, path)
    warnings = side_warnings(draws, section, aligned.reason)
    if draws.dimensions > 1:
        second = align(draws, dimension=1)
        add_second_dimension(section, draws, second, absences)
        warnings += second_warnings(draws, section, second.reason)
    of_interest = list(quantities(draws, aligned, section["fit"]))
    return Own(
        basis=basis(draws),
        of_interest=of_interest,
        further={
            **_by_vote(draws, of_interest, absences),
            "overlap": _overlap(draws, from_prior, absences),
            "priors": priors(draws, absences),
        },
        sections={"ideal-point": section},
        warnings=warnings,
    )


def _by_vote(draws: VoteDraws, of_interest: Sequence[Quantity], absences: Absences) -> dict[str, Any]:
    """What is computed from the likelihood of each vote."""
    if reason := draws.without_draws(VARIABLES):
        for path in (LOO, SENSITIVITY):
            absences.add(path, reason)
        return {LOO: None, SENSITIVITY: None}
    observations = votes(draws)
    kept = [of_kept_draws(one, draws) for one in of_interest]
    return {
        LOO: loo(draws, observations, absences),
        SENSITIVITY: sensitivity(kept, log_densities(draws, observations), absences),
    }


def _overlap(draws: VoteDraws, from_prior: VoteDraws | None, absences: Absences) -> dict[str, Any] | None:
    """Of the variables whose priors are settings."""
    if from_prior is None:
        absences.add(OVERLAP, absences.reasons[f"{PATH}.prior_predictive"])
        return None
    drawn = from_prior.posterior
    names = [name for name in draws.attributes.get("priors", {}) if name in drawn]
    return overlaps({name: drawn[name].values[0] for name in names}, draws, absences)
