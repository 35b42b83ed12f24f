"""The log-odds of votes from values of the model's variables, for every structure; NumPy only."""

from collections.abc import Mapping

import numpy as np


def log_odds(values: Mapping[str, np.ndarray], member: np.ndarray, rollcall: np.ndarray) -> np.ndarray:
    """η = Σ β ξ − α for cells, given the index of the member and of the roll call of each.

    `xi` is (…, position) or (…, position, dimension), `alpha` (…, roll call), and `beta` (…, roll call),
    (…, roll call, dimension) or (…) where all roll calls have the same; … are draws. Returns (…, cell).
    """
    xi, alpha = values["xi"], values["alpha"]
    beta = by_rollcall(values["beta"], alpha)
    if beta.ndim == alpha.ndim:
        xi, beta = xi[..., None], beta[..., None]
    eta = -alpha[..., rollcall]
    for dimension in range(beta.shape[-1]):
        eta += beta[..., rollcall, dimension] * xi[..., member, dimension]
    return eta


def by_rollcall(beta: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """`beta` of every roll call, where all share one, too."""
    return np.broadcast_to(beta[..., None], alpha.shape) if beta.ndim < alpha.ndim else beta
