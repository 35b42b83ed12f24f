"""derived.json: what it has of any draws, around what only a worker knows of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic

import numpy as np

from . import under_prior
from .absence import Absences
from .convergence import convergence
from .diagnostics import diagnose
from .draws import D, Draws, read_draws, read_prior
from .estimates import Quantity, estimates


@dataclass(frozen=True)
class Own:
    """What a worker says of its draws."""

    basis: Mapping[str, str]
    of_interest: Sequence[Quantity]
    # Further keys: of a posterior `loo`, `priors` and the like, of the prior keys of its part `prior`.
    further: Mapping[str, Any]
    sections: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[dict[str, str]] = ()
    # Of draws from the prior: priors by variable, as they are written.
    written: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Deriving(Generic[D]):
    """How a worker describes its draws; both functions get the folder of the run."""

    draws: type[D]
    of_posterior: Callable[[Path, D, Absences], Own]
    of_prior: Callable[[Path, D, Absences], Own]


def derive(path: Path, deriving: Deriving[D]) -> dict[str, Any]:
    """Everything that follows from the draws in `path`."""
    absences = Absences()
    if (prior := read_prior(path, deriving.draws)) is not None:
        return _of_prior(prior, deriving.of_prior(path.parent, prior, absences), absences)
    draws = read_draws(path, deriving.draws)
    if draws is None:
        return nothing_kept()
    return _of_posterior(draws, deriving.of_posterior(path.parent, draws, absences), absences)


def nothing_kept() -> dict[str, Any]:
    """What is derived where sampling was stopped while tuning."""
    absences = Absences()
    absences.add("variables", "stopped while tuning: no draw was kept")
    return {
        "variables": {},
        "divergences": None,
        "ebfmi": [],
        "ebfmi_min": None,
        "tree_depth": None,
        "gradients": None,
        "draws_kept": {"chains": 0, "draws": 0},
        "estimates": {},
        "sections": {},
        "warnings": [],
        "reasons": absences.reasons,
    }


def _of_posterior(draws: Draws, own: Own, absences: Absences) -> dict[str, Any]:
    diagnostics = diagnose(draws, absences)
    shown = {
        one.label: one.values for one in own.of_interest if one.main and isinstance(one.values, np.ndarray)
    }
    return {
        **diagnostics,
        "basis": dict(own.basis),
        "estimates": estimates(own.of_interest, absences),
        "convergence": convergence(draws, shown, diagnostics["variables"], absences),
        **own.further,
        **_ending(own, absences),
    }


def _of_prior(draws: Draws, own: Own, absences: Absences) -> dict[str, Any]:
    return {
        **under_prior.nothing_sampled(absences),
        "basis": dict(own.basis),
        "prior": {
            "draws": draws.posterior.sizes["draw"],
            "variables": under_prior.variables(draws, own.written, absences),
            "estimates": under_prior.estimates(own.of_interest, absences),
            **own.further,
        },
        **_ending(own, absences),
    }


def _ending(own: Own, absences: Absences) -> dict[str, Any]:
    return {
        "sections": dict(own.sections),
        "warnings": list(own.warnings),
        "reasons": absences.reasons,
    }
