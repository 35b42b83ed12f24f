"""What figures of convergence are drawn from, as counts by chain: ranks, energies, divergences."""

from typing import Any

import numpy as np
from arviz_stats.base import array_stats

from ..elements import MEASURE, mixing
from .absence import Absences
from .diagnostics import element_label
from .draws import Draws

RANK_BINS = 20
ENERGY_BINS = 30


def convergence(
    draws: Draws, quantities: dict[str, np.ndarray], variables: dict[str, Any], absences: Absences
) -> dict[str, Any]:
    """`quantities`: label → (chain, draw), beside which the element with the highest R-hat is shown."""
    shown = dict(quantities)
    if worst := _worst_element(draws, variables):
        label, values = worst
        shown[label] = values
    return {
        "divergences": draws.statistics["diverging"].values.sum(axis=1).tolist(),
        "ranks": [
            {"label": label, "bins": RANK_BINS, "counts": _rank_counts(values)}
            for label, values in shown.items()
            if np.isfinite(values).all()
        ],
        "energy": _energy(draws.statistics["energy"].values, absences),
    }


def _worst_element(draws: Draws, variables: dict[str, Any]) -> tuple[str, np.ndarray] | None:
    """None also where its draws were not kept: the worst of the others would pass for the worst of all."""
    known = {name: variables[name]["rhat_max"] for name in draws.variables}
    known = {name: value for name, value in known.items() if value is not None}
    if not known or (worst := max(known, key=lambda name: known[name])) not in draws.posterior:
        return None
    values = draws.posterior[worst]
    flat = values.values.reshape(*values.shape[:2], -1)
    of_elements = (
        draws.summaries[worst].sel({MEASURE: "rhat"}).values.ravel()
        if worst in draws.summaries
        else mixing(flat)["rhat"]
    )
    at = int(np.nanargmax(of_elements))  # a constant element has none
    return element_label(values, at), flat[:, :, at]


def _rank_counts(values: np.ndarray) -> list[list[int]]:
    """By chain: how many draws have a rank, among those of all chains, in each of equally wide bins."""
    ranks = np.asarray(array_stats.compute_ranks(values, axis=(0, 1)))
    bins = ((ranks - 1) * RANK_BINS // values.size).astype(int)
    return [np.bincount(chain, minlength=RANK_BINS).tolist() for chain in bins]


def _energy(energy: np.ndarray, absences: Absences) -> dict[str, Any] | None:
    """Histograms by chain: of the energy less the mean of all, and of its change from draw to draw."""
    if energy.shape[1] < 2 or not np.isfinite(energy).all():
        absences.add("convergence.energy", "fewer than two draws, or an energy that is not finite")
        return None
    marginal, transition = energy - energy.mean(), np.diff(energy, axis=1)
    low, high = (
        bound(bound(marginal), bound(transition)) for bound in (lambda *x: np.min(x), lambda *x: np.max(x))
    )
    edges = np.linspace(low, high, ENERGY_BINS + 1)
    return {
        "from": float(low),
        "to": float(high),
        "bins": ENERGY_BINS,
        "marginal": [np.histogram(chain, edges)[0].tolist() for chain in marginal],
        "transition": [np.histogram(chain, edges)[0].tolist() for chain in transition],
    }
