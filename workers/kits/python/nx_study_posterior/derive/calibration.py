"""What simulated fits say of the sampler: ranks of the true values, coverage, z-scores, contraction."""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from nx_study_worker import WorkerError

from .absence import Absences
from .diagnostics import diagnose
from .draws import Draws, decoded
from .ranks import Judged, judge
from .worst import worst_of

# Of R-hat. 1.01 asks for longer chains than ranks need.
RHAT_LIMIT = 1.05
LEVELS = (50, 80, 90)
# One hundred possible ranks.
MOST_DRAWS = 99


def calibrate(path: Path) -> dict[str, Any]:
    """The derived object of a measurement with simulated fits."""
    if not path.is_file():
        raise WorkerError(f"{path}: there are no fits to derive from")
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        groups = {name: tree[name].to_dataset().load() for name in tree.children}
        attributes = {str(name): decoded(value) for name, value in tree.attrs.items()}
    absences = Absences()
    fits = [_Fit(groups, attributes, int(index)) for index in groups["fits"]["fit"].values]
    described = [fit.diagnostics() for fit in fits]
    return {
        **worst_of([one for one in described if one is not None], absences),
        "calibration": _calibration(groups, attributes, list(zip(fits, described, strict=True)), absences),
        "estimates": {},
        "sections": {},
        "warnings": [],
        "reasons": absences.reasons,
    }


class _Fit:
    """One fit of the file; `index` is its place among all fits of the study."""

    def __init__(self, groups: dict[str, xr.Dataset], attributes: dict[str, Any], index: int) -> None:
        self.index = index
        self.facts = groups["fits"].sel(fit=index)
        self.failure = str(self.facts["failure"].item())
        self._attributes = {
            "sampler": {"max_treedepth": attributes["max_treedepth"]},
            "free": attributes["free"],
        }
        self.posterior = None if self.failure else groups["posterior"].sel(fit=index, drop=True)
        self._statistics = None if self.failure else groups["sample_stats"].sel(fit=index, drop=True)

    def diagnostics(self) -> dict[str, Any] | None:
        """Of all its variables, of which flags use those that are ranked; None where it failed."""
        if self.posterior is None or self._statistics is None:
            return None
        nothing = xr.Dataset()
        absences = Absences()
        draws = Draws(self.posterior, self._statistics, nothing, nothing, self._attributes)
        found = diagnose(draws, absences)
        ranked = {str(name) for name in self.facts["variable"].values}
        variables = {
            name: {**one, "gated": one["gated"] and name in ranked}
            for name, one in found["variables"].items()
        }
        return {**found, "variables": variables, "reasons": absences.reasons}

    def draws(self, variable: str, element: int) -> np.ndarray:
        """Chains × draws of one quantity."""
        assert self.posterior is not None
        values = self.posterior[variable].values
        return np.asarray(values.reshape(*values.shape[:2], -1)[:, :, element])


def _calibration(
    groups: dict[str, xr.Dataset],
    attributes: dict[str, Any],
    fits: list[tuple[_Fit, dict[str, Any] | None]],
    absences: Absences,
) -> dict[str, Any]:
    posterior = groups.get("posterior")
    total = 0 if posterior is None else posterior.sizes["chain"] * posterior.sizes["draw"]
    draws = min(MOST_DRAWS, total)
    labels = [str(one) for one in groups["fits"]["quantity"].values]
    judged = [_judged(fit, draws) for fit, _ in fits]
    return {
        "simulate": "prior",
        "draws_ranked": draws,
        "rhat_limit": RHAT_LIMIT,
        "left_out": attributes["left_out"],
        "fits": [_fit_facts(fit, found, of, draws) for (fit, found), of in zip(fits, judged, strict=True)],
        "quantities": {
            label: _quantity(label, at, judged, attributes["prior_sd"][label], absences)
            for at, label in enumerate(labels)
        },
    }


def _judged(fit: _Fit, draws: int) -> list[Judged] | None:
    """Every quantity of a fit; ties of a rank are broken by the fit's own seed."""
    if fit.failure:
        return None
    random = np.random.default_rng(int(fit.facts["seed"].item()))
    truths, names, elements = (fit.facts[name].values for name in ("truth", "variable", "element"))
    return [
        judge(fit.draws(str(name), int(element)), float(truth), (draws, LEVELS), random)
        for name, element, truth in zip(names, elements, truths, strict=True)
    ]


def _fit_facts(
    fit: _Fit, found: dict[str, Any] | None, judged: list[Judged] | None, draws: int
) -> dict[str, Any]:
    facts = {"index": fit.index, "seed": int(fit.facts["seed"].item())}
    if found is None or judged is None:
        nothing = dict.fromkeys(("rhat_max", "ess_min", "divergences", "gradients"))
        return {**facts, **nothing, "flags": [f"failed: {fit.failure}"]}
    gated = [one for one in found["variables"].values() if one["gated"]]
    rhat = _extreme(max, [one["rhat_max"] for one in gated])
    ess = _extreme(min, [one[name] for one in gated for name in ("ess_bulk_min", "ess_tail_min")])
    flags = [] if found["divergences"] == 0 else [f"{found['divergences']} divergences"]
    if rhat is None or rhat >= RHAT_LIMIT:
        flags.append("R-hat is not known" if rhat is None else f"R-hat is {rhat:.3f}, not below {RHAT_LIMIT}")
    if ess is None:
        flags.append("the effective sample size is not known")
    elif ess < draws:
        flags.append(f"{ess:.0f} effective draws, fewer than the {draws} that are ranked")
    return {
        **facts,
        "rhat_max": rhat,
        "ess_min": ess,
        "divergences": found["divergences"],
        "gradients": found["gradients"],
        "flags": flags,
    }


def _extreme(which: Any, values: list[float | None]) -> float | None:
    """None where one of them is not known: it may be the extreme."""
    known = [value for value in values if value is not None]
    return which(known) if known and len(known) == len(values) else None


def _quantity(
    label: str, at: int, judged: list[list[Judged] | None], prior_sd: float | None, absences: Absences
) -> dict[str, Any]:
    path = f"calibration.quantities.{label}"
    found = [None if one is None else one[at] for one in judged]
    if prior_sd is None:
        absences.add(f"{path}.prior_sd", "it depends on the data, so it has no prior of its own")
        absences.add(f"{path}.contraction", "it has no prior of its own")
    elif not prior_sd > 0:
        absences.add(f"{path}.contraction", "the prior has no spread")
    for name in ("rank", "z", "covered"):
        for index, one in enumerate(found):
            if one is None:
                absences.add(f"{path}.{name}.{index}", "the fit failed")
            elif getattr(one, name) is None:
                absences.add(f"{path}.{name}.{index}", one.reason)
    return {
        "prior_sd": prior_sd,
        "rank": [one and one.rank for one in found],
        "z": [one and one.z for one in found],
        "contraction": [_contraction(one, prior_sd) for one in found],
        "covered": {
            str(level): [None if one is None or one.covered is None else one.covered[which] for one in found]
            for which, level in enumerate(LEVELS)
        },
    }


def _contraction(one: Judged | None, prior_sd: float | None) -> float | None:
    if one is None or one.sd is None or not prior_sd:
        return None
    return 1 - (one.sd / prior_sd) ** 2
