"""The votes for leave-one-out cross-validation: one vote is left out."""

from collections.abc import Mapping

import numpy as np

from nx_study_posterior.derive.loo import PROBABILITIES, Pointwise

from ..log_odds import log_odds
from .basis import observed_sha256
from .draws import VoteDraws
from .fit import log_likelihood


def votes(draws: VoteDraws) -> Pointwise:
    """Log-likelihoods of the cells, from `xi`, `alpha` and `beta`."""
    cast = draws.observed["y"].values
    member, rollcall = (draws.constant["member_index"].values, draws.constant["rollcall_index"].values)

    def of(thinned: Mapping[str, np.ndarray], at: slice) -> np.ndarray:
        return log_likelihood(cast[at], log_odds(thinned, member[at], rollcall[at]))

    names = draws.names

    def label(at: int) -> str:
        return f"{names[member[at]]}, {draws.constant['rollcall'].values[rollcall[at]]}"

    return Pointwise("one vote", PROBABILITIES, len(cast), observed_sha256(draws), label, of)
