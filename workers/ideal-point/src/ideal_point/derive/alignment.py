"""One scale for all draws: z-scored per draw, each draw turned to the side of the first component."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .chambers import mirrored_shares
from .draws import VoteDraws

# A correlation with the reference that is nearer to zero leaves the side of a draw nearly to chance.
NEAR_ZERO = 0.2
# A larger share of such draws is worth a finding; beyond the second one aligned numbers would say more about
# the reference than about the votes: without any information the share is 0.128 for three members, and larger
# for more of them (the arc, or the part of a sphere, near a right angle).
WEAK_SHARE_TOLD = 0.02
WEAK_SHARE_MAX = 0.1


@dataclass(frozen=True)
class Alignment:
    """What was found about sides, and the draws turned to one side, or why there are none."""

    # (chain, draw, legislator), mean 0 and sd 1 in each draw; None with a reason.
    positions: np.ndarray | None
    reason: str | None
    # (chain, draw): 1, or -1 for a draw that is turned.
    signs: np.ndarray
    # (chain, draw): of the positions before they were turned; None where the reference is not defined.
    draw_correlations: np.ndarray | None
    # Of a chain's mean position; NaN for a chain that is on both sides, whose mean says nothing.
    chain_correlations: np.ndarray
    # Whether any two draws are on different sides, of one chain or of two; None when that can't be told.
    split: bool | None
    # Share of draws nearer than NEAR_ZERO to no side; None when that can't be told.
    weak_share: float | None
    # With several chambers: the share of draws in which one of them is mirrored against the others.
    mirrored_chambers: Mapping[str, float] = field(default_factory=dict)


def align(draws: VoteDraws, dimension: int = 0) -> Alignment:
    """Standardise and turn draw by draw; where the mirror image is no solution, nothing is turned."""
    raw, component = draws.positions(dimension), draws.reference(dimension)
    signs = np.ones(raw.shape[:2])
    unknown = np.full(raw.shape[0], np.nan)
    if not np.isfinite(component).all() or component.std() == 0:
        undefined = "the first component, by which sides are told, is not defined"
        return Alignment(None, undefined, signs, None, unknown, None, None)
    standard = _standard(raw)
    reference = (component - component.mean()) / component.std()
    by_draw = standard @ reference / len(reference)  # both z-scored: a correlation
    if lost := int((~np.isfinite(by_draw)).sum()):
        infinite = f"positions do not vary, or are not finite, in {lost} of {by_draw.size} draws"
        return Alignment(None, infinite, signs, None, unknown, None, None)

    negative = by_draw < 0
    split = bool(negative.any() and not negative.all())
    weak = float((np.abs(by_draw) < NEAR_ZERO).mean())
    reason = _why_not(draws.reflection_symmetric, split, weak)
    if draws.reflection_symmetric and not reason:
        signs = np.where(negative, -1.0, 1.0)
    mirrored = mirrored_shares(draws, standard * signs[:, :, None], reference)
    reason = reason or _mirrored(mirrored)
    return Alignment(
        positions=None if reason else standard * signs[:, :, None],
        reason=reason,
        signs=signs,
        draw_correlations=by_draw,
        chain_correlations=np.array(
            [
                np.nan if on_both else correlation(chain.mean(axis=0), component)
                for chain, on_both in zip(standard, negative.any(axis=1) & ~negative.all(axis=1), strict=True)
            ]
        ),
        split=split,
        weak_share=weak,
        mirrored_chambers=mirrored,
    )


def standardised(draws: VoteDraws) -> Alignment:
    """Standardise draw by draw, and turn none."""
    raw = draws.positions()
    positions, reason = _standard(raw), None
    if lost := int((~np.isfinite(positions).all(axis=2)).sum()):
        reason = f"positions do not vary, or are not finite, in {lost} of {raw.shape[0] * raw.shape[1]} draws"
    return Alignment(
        positions=None if reason else positions,
        reason=reason,
        signs=np.ones(raw.shape[:2]),
        draw_correlations=None,
        chain_correlations=np.full(raw.shape[0], np.nan),
        split=None,
        weak_share=None,
    )


def _standard(raw: np.ndarray) -> np.ndarray:
    """Mean 0 and standard deviation 1 in each draw."""
    with np.errstate(invalid="ignore", divide="ignore"):
        standard = raw - raw.mean(axis=2, keepdims=True)
        return np.asarray(standard / standard.std(axis=2, keepdims=True))


def _mirrored(shares: Mapping[str, float]) -> str | None:
    """The mirror image of one chamber alone is no solution, so such draws are of another mode."""
    for name, share in shares.items():
        if share > WEAK_SHARE_MAX:
            return (
                f"in {share:.1%} of the draws {name} is mirrored against the other chambers: the people who "
                "link them do not say which way round it lies"
            )
    return None


def _why_not(symmetric: bool, split: bool, weak: float) -> str | None:
    if not symmetric:
        return "draws are on both sides, and in this model the mirror image is no solution" if split else None
    if weak > WEAK_SHARE_MAX:
        return (
            f"{weak:.1%} of the draws correlate by less than {NEAR_ZERO} with the first component: "
            "to turn them would make up what the votes do not say"
        )
    return None


def correlation(left: np.ndarray, right: np.ndarray) -> float:
    """Pearson's, or NaN where one of them does not vary."""
    if len(left) < 3 or left.std() == 0 or right.std() == 0:
        return float("nan")
    return float(np.corrcoef(left, right)[0, 1])
