"""How well the model describes the votes it saw."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from nx_study_posterior.derive.absence import Absences

from ..log_odds import log_odds as log_odds_of
from ..scale import VARIABLES
from .draws import VoteDraws

DRAWS_USED = 400
# 16 MB: a whole Congress has 400,000 cells.
NUMBERS_AT_ONCE = 2_000_000
NOT_FINITE = "a draw is not finite"


def fit(draws: VoteDraws, absences: Absences, path: str) -> dict[str, Any]:
    """Share classified correctly by the posterior mean probability, against always naming the majority."""
    votes = draws.observed["y"].values
    rollcall = draws.constant["rollcall_index"].values
    minority = _minority(votes, rollcall)
    majority_share = 1 - minority / len(votes)
    if reason := draws.without_draws(VARIABLES):
        absences.add(path, reason)
        nothing = dict.fromkeys(("correct_share", "apre"))
        likelihood = {"mean": None, "sd": None}
        return {"draws_used": 0, "majority_share": majority_share, **nothing, "log_likelihood": likelihood}
    probability = np.zeros(len(votes))
    totals: list[float] = []
    used = 0
    for eta in log_odds(draws):
        chunk = log_likelihood(votes, eta)
        probability += np.exp(chunk).sum(axis=0)
        totals.extend(chunk.sum(axis=1))
        used += len(chunk)
    probability /= used  # of the vote that was cast
    known = bool(np.isfinite(probability).all())
    # Nothing is below a number that isn't one, so such votes would count as right.
    wrong = int((probability < 0.5).sum()) if known else np.nan
    mean, sd = float(np.mean(totals)), float(np.std(totals, ddof=1)) if used > 1 else np.nan
    no_spread = NOT_FINITE if used > 1 else "needs two draws"
    return {
        "draws_used": used,
        "correct_share": absences.number(f"{path}.correct_share", 1 - wrong / len(votes), NOT_FINITE),
        "majority_share": majority_share,
        "apre": absences.number(
            f"{path}.apre",
            1 - wrong / minority if minority else np.nan,
            NOT_FINITE if minority else "every vote was unanimous",
        ),
        "log_likelihood": {
            "mean": absences.number(f"{path}.log_likelihood.mean", mean, NOT_FINITE),
            "sd": absences.number(f"{path}.log_likelihood.sd", sd, no_spread),
        },
    }


def log_likelihood(votes: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """Log P(y) of each cell with log-odds `eta`."""
    return -np.logaddexp(0, (1 - 2 * votes) * eta)


def log_odds(draws: VoteDraws) -> Iterator[np.ndarray]:
    """Evenly thinned draws × cells, a chunk at a time: all at once would be the largest array of the run."""
    member = draws.constant["member_index"].values
    rollcall = draws.constant["rollcall_index"].values
    flat = {name: _thinned(draws.posterior[name].values) for name in VARIABLES}
    chunk = max(1, NUMBERS_AT_ONCE // len(member))
    for start in range(0, len(flat["xi"]), chunk):
        values = {name: draws_of[start : start + chunk] for name, draws_of in flat.items()}
        yield log_odds_of(values, member, rollcall)


def _thinned(values: np.ndarray) -> np.ndarray:
    flat = values.reshape(-1, *values.shape[2:])
    return flat[:: max(1, len(flat) // DRAWS_USED)]


def _minority(votes: np.ndarray, rollcall: np.ndarray) -> int:
    """Votes that differ from the majority of their roll call."""
    count = np.bincount(rollcall)
    ones = np.bincount(rollcall, weights=votes)
    return int(np.minimum(ones, count - ones).sum())
