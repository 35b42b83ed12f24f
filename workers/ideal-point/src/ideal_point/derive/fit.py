"""How well the model describes the votes it saw."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nx_study_posterior.derive.absence import Absences
from nx_study_posterior.elements import mixing

from ..log_odds import log_odds as log_odds_of
from ..scale import VARIABLES
from .draws import VoteDraws

DRAWS_USED = 400
# Of the mean probability of each vote: 400 draws of 102 senators moved APRE by 0.001, as much as priors do.
DRAWS_OF_MEANS = 4_000
# 4 s of CPU time; of a whole Congress 400 draws.
CELLS_OF_MEANS = 40_000_000
# 16 MB: a whole Congress has 400,000 cells.
NUMBERS_AT_ONCE = 2_000_000
NOT_FINITE = "a draw is not finite"
NO_ERROR = "fewer than 40 draws, or no number"
DISAGREE = "chains disagree: R-hat of the log-likelihood of all votes is above 1.01"
# As the gate: beyond it blocks within chains say nothing of how chains differ.
RHAT_MAX = 1.01
# A vote changes its side where its probability is near one half. How many do is no smooth function of the
# draws, so its Monte Carlo error is that over resampled blocks of consecutive draws.
BLOCKS, RESAMPLES = 40, 100
SEED = 20_060_109  # fixed: deriving again gives the same


@dataclass(frozen=True)
class Fitted:
    """The votes as the model has them."""

    # Of the vote that was cast.
    probability: "Blocks"
    # Log-likelihood of all votes, by draw.
    totals: list[float]


def fitted(draws: VoteDraws) -> Fitted | None:
    """Probability of each vote that was cast, over as many draws as there is time for; None without draws."""
    if draws.without_draws(VARIABLES):
        return None
    votes = draws.observed["y"].values
    wanted = max(DRAWS_USED, min(DRAWS_OF_MEANS, CELLS_OF_MEANS // max(1, len(votes))))
    blocks = Blocks(len(votes), len(_thinned(draws.posterior["alpha"].values, wanted)))
    totals: list[float] = []
    for eta in log_odds(draws, wanted):
        chunk = log_likelihood(votes, eta)
        blocks.add(np.exp(chunk))
        totals.extend(chunk.sum(axis=1))
    return Fitted(blocks, totals)


def fit(draws: VoteDraws, found: Fitted | None, absences: Absences, path: str) -> dict[str, Any]:
    """Share classified correctly by the posterior mean probability, against always naming the majority."""
    votes, rollcall = draws.observed["y"].values, draws.constant["rollcall_index"].values
    minority = _minority(votes, rollcall)
    majority_share = 1 - minority / len(votes)
    if found is None:
        absences.add(path, str(draws.without_draws(VARIABLES)))
        nothing = dict.fromkeys(("correct_share", "apre"))
        likelihood = {"mean": None, "sd": None}
        nowhere = {"draws_used": 0, **nothing, "mcse": nothing, "log_likelihood": likelihood}
        return {**nowhere, "majority_share": majority_share}
    totals, used, probability = found.totals, len(found.totals), found.probability.mean()
    known = bool(np.isfinite(probability).all())
    # Nothing is below a number that isn't one, so such votes would count as right.
    wrong = _wrong(probability) if known else np.nan
    disagree = used >= BLOCKS and _rhat(totals, draws.posterior.sizes["chain"]) > RHAT_MAX
    why_no_error = DISAGREE if disagree else NO_ERROR
    wrong_mcse = found.probability.error_of(_wrong) if known and not disagree else np.nan
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
        "mcse": {
            "correct_share": absences.number(
                f"{path}.mcse.correct_share", wrong_mcse / len(votes), why_no_error
            ),
            "apre": absences.number(
                f"{path}.mcse.apre", wrong_mcse / minority if minority else np.nan, why_no_error
            ),
        },
        "log_likelihood": {
            "mean": absences.number(f"{path}.log_likelihood.mean", mean, NOT_FINITE),
            "sd": absences.number(f"{path}.log_likelihood.sd", sd, no_spread),
        },
    }


def _rhat(totals: list[float], chains: int) -> float:
    """R-hat of a number of each draw, chain by chain; NaN with too few draws."""
    length = len(totals) // chains
    by_chain = np.array(totals[: chains * length]).reshape(chains, length, 1)
    return float(mixing(by_chain)["rhat"][0])


def log_likelihood(votes: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """Log P(y) of each cell with log-odds `eta`."""
    return -np.logaddexp(0, (1 - 2 * votes) * eta)


class Blocks:
    """Sums of the probability of each vote over blocks of consecutive draws."""

    def __init__(self, votes: int, draws: int) -> None:
        self._draws = draws
        self._sums = np.zeros((min(BLOCKS, draws), votes))
        self._counts = np.zeros(len(self._sums))
        self._added = 0

    def add(self, probabilities: np.ndarray) -> None:
        """Of the next draws, (draw, vote)."""
        block = (self._added + np.arange(len(probabilities))) * len(self._sums) // self._draws
        for one in np.unique(block):
            self._sums[one] += probabilities[block == one].sum(axis=0)
            self._counts[one] += (block == one).sum()
        self._added += len(probabilities)

    def mean(self) -> np.ndarray:
        """Of each vote, over all draws."""
        return np.asarray(self._sums.sum(axis=0) / self._counts.sum())

    def error_of(self, number: Callable[[np.ndarray], float]) -> float:
        """Monte Carlo standard error of a number that follows from the mean; NaN with too few draws."""
        if len(self._sums) < BLOCKS:
            return math.nan
        random = np.random.default_rng(SEED)
        found = []
        for _ in range(RESAMPLES):
            weights = np.bincount(random.integers(BLOCKS, size=BLOCKS), minlength=BLOCKS)
            found.append(number(weights @ self._sums / (weights @ self._counts)))
        return float(np.std(found, ddof=1))


def _wrong(probability: np.ndarray) -> int:
    """Votes that were less likely than the other one."""
    return int((probability < 0.5).sum())


def log_odds(draws: VoteDraws, wanted: int = DRAWS_USED) -> Iterator[np.ndarray]:
    """Evenly thinned draws × cells, a chunk at a time: all at once would be the largest array of the run."""
    member = draws.constant["member_index"].values
    rollcall = draws.constant["rollcall_index"].values
    flat = {name: _thinned(draws.posterior[name].values, wanted) for name in VARIABLES}
    chunk = max(1, NUMBERS_AT_ONCE // len(member))
    for start in range(0, len(flat["xi"]), chunk):
        values = {name: draws_of[start : start + chunk] for name, draws_of in flat.items()}
        yield log_odds_of(values, member, rollcall)


def _thinned(values: np.ndarray, wanted: int) -> np.ndarray:
    flat = values.reshape(-1, *values.shape[2:])
    return flat[:: max(1, len(flat) // wanted)]


def _minority(votes: np.ndarray, rollcall: np.ndarray) -> int:
    """Votes that differ from the majority of their roll call."""
    count = np.bincount(rollcall)
    ones = np.bincount(rollcall, weights=votes)
    return int(np.minimum(ones, count - ones).sum())
