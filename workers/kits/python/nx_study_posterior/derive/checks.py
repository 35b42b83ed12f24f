"""Observed data against data drawn from the model, by test quantities and quantiles.

A p value is the share of replicated data sets whose quantity is larger than that of the observed ones, with
half of those that are equal: Gelman, Meng and Stern (1996), Statistica Sinica 6, 733–807. Near 0 or 1 the
model does not make such data.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .absence import Absences
from .summary import summary

PROBABILITIES = tuple(round(0.05 * at, 2) for at in range(1, 20))


def _sd(values: np.ndarray) -> np.ndarray:
    return values.std(axis=-1, ddof=1) if values.shape[-1] > 1 else np.full(values.shape[:-1], np.nan)


QUANTITIES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "mean": lambda values: values.mean(axis=-1),
    "sd": _sd,
    "min": lambda values: values.min(axis=-1),
    "max": lambda values: values.max(axis=-1),
}


class Checks:
    """Collects what is known of each replicated data set, so that none of them is kept."""

    def __init__(self, observed: np.ndarray) -> None:
        self._observed = np.ravel(observed).astype(float)
        self._quantities: dict[str, list[np.ndarray]] = {name: [] for name in QUANTITIES}
        self._quantiles: list[np.ndarray] = []

    def add(self, replicated: np.ndarray) -> None:
        """Some data sets, (draw, …)."""
        flat = replicated.reshape(len(replicated), -1).astype(float)
        for name, of in QUANTITIES.items():
            self._quantities[name].append(of(flat))
        self._quantiles.append(np.quantile(flat, PROBABILITIES, axis=1).T)

    @property
    def observations(self) -> int:
        """Observed values."""
        return self._observed.size

    def replicated(self, name: str) -> np.ndarray:
        """A test quantity of each data set so far."""
        return np.concatenate(self._quantities[name])

    def found(self, path: str, absences: Absences) -> dict[str, Any]:
        """Test quantities as observed and as replicated, and the quantiles of the data."""
        quantiles = np.concatenate(self._quantiles)
        return {
            "draws_used": len(quantiles),
            "quantities": {name: self._quantity(name, f"{path}.quantities", absences) for name in QUANTITIES},
            "quantiles": self._curve(quantiles, f"{path}.quantiles", absences),
        }

    def _quantity(self, name: str, path: str, absences: Absences) -> dict[str, Any]:
        replicated = self.replicated(name)
        observed = float(QUANTITIES[name](self._observed))
        at = f"{path}.{name}"
        described = summary(replicated, f"{at}.replicated", absences)
        known = np.isfinite(observed) and described["mean"] is not None
        p_value = (replicated > observed).mean() + (replicated == observed).mean() / 2 if known else np.nan
        return {
            "observed": absences.number(f"{at}.observed", observed, "needs two finite observations"),
            "replicated": described,
            "p_value": absences.number(f"{at}.p_value", p_value, "one of the two is not known"),
        }

    def _curve(self, replicated: np.ndarray, path: str, absences: Absences) -> dict[str, Any] | None:
        """By probability: the quantile of the observed data, and the middle 90 % of the replicated ones."""
        if lost := int((~np.isfinite(replicated)).any(axis=1).sum()):
            absences.add(path, f"{lost} of {len(replicated)} replicated data sets are not finite")
            return None
        low, median, high = np.quantile(replicated, [0.05, 0.5, 0.95], axis=0)
        return {
            "probabilities": list(PROBABILITIES),
            "observed": np.quantile(self._observed, PROBABILITIES).tolist(),
            "replicated_median": median.tolist(),
            "replicated_low": low.tolist(),
            "replicated_high": high.tolist(),
        }
