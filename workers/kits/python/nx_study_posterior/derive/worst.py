"""The diagnostics of several fits as one: the worst of them, and sums of what counts."""

from collections.abc import Sequence
from typing import Any

from .absence import Absences

WORST = {
    "rhat_max": max,
    "ess_bulk_min": min,
    "ess_tail_min": min,
    "mcse_mean_max": max,
    "mcse_sd_max": max,
}


def worst_of(fits: Sequence[dict[str, Any]], absences: Absences) -> dict[str, Any]:
    """Of results of `diagnose` with their reasons; a value that one fit lacks is missing."""
    if not fits:
        absences.add("variables", "no fit has draws")
        nothing = dict.fromkeys(("divergences", "ebfmi_min", "tree_depth", "gradients"))
        return {"variables": {}, "ebfmi": [], "draws_kept": {"chains": 0, "draws": 0}, **nothing}
    ebfmi = [value for fit in fits for value in fit["ebfmi"]]
    for at, value in enumerate(ebfmi):
        if value is None:
            absences.add(f"ebfmi.{at}", "too few draws")
    known = [value for value in ebfmi if value is not None]
    if len(known) < len(ebfmi):
        absences.add("ebfmi_min", "not known for every chain")
    return {
        "variables": {name: _variable(name, fits, absences) for name in fits[0]["variables"]},
        "divergences": sum(fit["divergences"] for fit in fits),
        "ebfmi": ebfmi,
        "ebfmi_min": min(known) if known and len(known) == len(ebfmi) else None,
        "tree_depth": {
            "max": max(fit["tree_depth"]["max"] for fit in fits),
            "limit": fits[0]["tree_depth"]["limit"],
            "at_limit": sum(fit["tree_depth"]["at_limit"] for fit in fits),
        },
        "gradients": sum(fit["gradients"] for fit in fits),
        "draws_kept": {
            "chains": sum(fit["draws_kept"]["chains"] for fit in fits),
            "draws": fits[0]["draws_kept"]["draws"],
        },
    }


def _variable(name: str, fits: Sequence[dict[str, Any]], absences: Absences) -> dict[str, Any]:
    all_of = [fit["variables"][name] for fit in fits]
    found = {
        "size": all_of[0]["size"],
        "constant": max(one["constant"] for one in all_of),
        "gated": any(one["gated"] for one in all_of),
    }
    # Where all elements of a variable are constant, such as a maximum at its limit, a fit says nothing of it.
    moving = [at for at, one in enumerate(all_of) if one["constant"] < one["size"]] or range(len(all_of))
    for key, worst in WORST.items():
        values = {at: all_of[at][key] for at in moving}
        missing = [at for at, value in values.items() if value is None]
        if not missing:
            found[key] = worst(values.values())
            continue
        found[key] = None
        path, first = f"variables.{name}.{key}", missing[0]
        absences.add(
            path, f"{fits[first]['reasons'].get(path, 'not known')} (fit {first + 1} of {len(fits)})"
        )
    return found
