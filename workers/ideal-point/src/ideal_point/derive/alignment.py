"""One scale for all draws: z-scored per draw, every chain turned to the side of the first component."""

from dataclasses import dataclass

import numpy as np

from .draws import Draws


@dataclass(frozen=True)
class Alignment:
    """Aligned positions (chain, draw, legislator), and what was found and done about signs."""

    positions: np.ndarray
    chain_correlations: np.ndarray
    negative_draw_shares: np.ndarray
    turned: np.ndarray
    split: bool


def align(draws: Draws) -> Alignment:
    """Standardise and turn; where the mirror image is no solution, nothing is turned."""
    raw = draws.posterior["xi"].values
    component = draws.constant["first_component"].values
    standard = raw - raw.mean(axis=2, keepdims=True)
    standard /= standard.std(axis=2, keepdims=True)
    by_draw = standard @ component / len(component)  # both z-scored: a correlation
    by_chain = np.array([correlation(chain.mean(axis=0), component) for chain in standard])
    sides = by_chain < 0
    turned = sides if draws.reflection_symmetric else np.zeros_like(sides)
    return Alignment(
        positions=np.where(turned[:, None, None], -standard, standard),
        chain_correlations=by_chain,
        negative_draw_shares=(by_draw < 0).mean(axis=1),
        turned=turned,
        split=bool(sides.any() and not sides.all()),
    )


def correlation(left: np.ndarray, right: np.ndarray) -> float:
    """Pearson's, or NaN where one of them does not vary."""
    if len(left) < 3 or left.std() == 0 or right.std() == 0:
        return float("nan")
    return float(np.corrcoef(left, right)[0, 1])
