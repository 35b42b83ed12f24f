"""How positions are written below the means of their parties: centred or not, the same density either way."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..priors import Prior

NON_CENTRED, CENTRED, MIXED = "non-centred", "centred", "mixed"
PARAMETRISATIONS = (NON_CENTRED, CENTRED, MIXED)


def by_party(
    asked: str, spreads: Mapping[str, float], votes: Mapping[str, float], beta_prior: "Prior"
) -> dict[str, str]:
    """Centred or non-centred for each party.

    `mixed` centres a party whose members' votes say more of a position than the party does: n votes have a
    Fisher information of n E[β²] / 4 at even odds, and the party with the spread σ has 1 / σ². Where their
    ratio is 1, both ways mix alike: Papaspiliopoulos, Roberts and Sköld (2007),
    doi:10.1214/088342307000000014, section 2.
    """
    if asked != MIXED:
        return dict.fromkeys(spreads, asked)
    return {
        party: CENTRED if information_ratio(spread, votes[party], beta_prior) > 1 else NON_CENTRED
        for party, spread in spreads.items()
    }


def information_ratio(spread: float, votes: float, beta_prior: "Prior") -> float:
    """Information of `votes` votes over that of a party with the spread `spread`."""
    return spread**2 * votes / 4 * beta_prior.mean_square
