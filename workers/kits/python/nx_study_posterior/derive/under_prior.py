"""What is derived from draws of the prior, where no posterior was sampled: `prior` of derived.json.

Everything of a posterior is absent, so that no reader takes the one for the other.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .absence import Absences
from .checks import Checks
from .draws import Draws
from .estimates import ONE_NUMBER, Quantity
from .prior_quantiles import PROBABILITIES

PATH = "prior"
NO_POSTERIOR = "only the prior was drawn from: no posterior was sampled"
MEDIAN = PROBABILITIES.index(0.5)
# On screen: what a data set is like.
OF_DATA = {"mean": "Mean", "sd": "Standard deviation"}


def nothing_sampled(absences: Absences) -> dict[str, Any]:
    """All that derived.json has of a posterior: null, with the reason."""
    absences.add("variables", NO_POSTERIOR)
    parts = (
        *("divergences", "ebfmi", "ebfmi_min", "tree_depth", "gradients", "draws_kept"),
        *("loo", "overlap", "sensitivity"),
    )
    for part in parts:
        absences.add(part, NO_POSTERIOR)
    return {"variables": {}, **dict.fromkeys(parts)}


def variables(
    draws: Draws, written: Mapping[str, Mapping[str, Any]], absences: Absences
) -> list[dict[str, Any]]:
    """Quantiles of each variable, of the draws of all its elements together; `written`: priors by name."""
    return [
        {
            "variable": name,
            "size": int(np.prod(values.shape[2:], dtype=int)),
            "prior": written.get(name),
            "probabilities": list(PROBABILITIES),
            "quantiles": _quantiles(values.values, f"{PATH}.variables.{at}.quantiles", absences),
        }
        for at, (name, values) in enumerate(
            (str(name), values) for name, values in draws.posterior.data_vars.items()
        )
    ]


def estimates(quantities: Iterable[Quantity], absences: Absences) -> dict[str, dict[str, Any]]:
    """By name, in the order given: the median, which heavy tails don't move, and quantiles."""
    return {one.name: _estimate(one, absences) for one in quantities}


def _estimate(quantity: Quantity, absences: Absences) -> dict[str, Any]:
    about = {**quantity.about(), "probabilities": list(PROBABILITIES)}
    path, values = f"{PATH}.estimates.{quantity.name}", quantity.values
    if values is None:
        absences.add(path, quantity.reason or "not known")
        return {**about, "value": None, "quantiles": None}
    if not isinstance(values, np.ndarray):
        absences.add(f"{path}.quantiles", ONE_NUMBER)
        value = absences.number(f"{path}.value", values, quantity.reason or "not a finite number")
        return {**about, "value": value, "quantiles": None}
    quantiles = _quantiles(values, path, absences)
    return {**about, "value": None if quantiles is None else quantiles[MEDIAN], "quantiles": quantiles}


def of_data(checks: Mapping[str, Checks]) -> list[Quantity]:
    """What the data sets are like, of each observed variable; of the first one it is shown on screen."""
    return [
        Quantity(
            f"data_{name}.{variable}",
            f"{name} of {variable}",
            f"{words} of the values of {variable} in one data set that the model makes under the prior",
            checks[variable].replicated(name)[np.newaxis],
            main=at == 0,
        )
        for at, variable in enumerate(checks)
        for name, words in OF_DATA.items()
    ]


def _quantiles(values: np.ndarray, path: str, absences: Absences) -> list[float] | None:
    if lost := int((~np.isfinite(values)).sum()):
        absences.add(path, f"{lost} of {values.size} numbers drawn from the prior are not finite")
        return None
    found: list[float] = np.quantile(values, PROBABILITIES).tolist()
    return found
