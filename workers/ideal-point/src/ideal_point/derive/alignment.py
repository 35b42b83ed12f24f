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
    """What was found about sides: whether draws can be turned to one, and which are to be."""

    # Why there are no aligned numbers; None where there are.
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
    """Turn draw by draw; where the mirror image is no solution, nothing is turned."""
    by_draw, component = draws.by_draw[f"pc{dimension + 1}_correlation"], draws.reference(dimension)
    signs = np.ones(by_draw.shape)
    unknown = np.full(by_draw.shape[0], np.nan)
    if not np.isfinite(component).all() or component.std() == 0:
        undefined = "the first component, by which sides are told, is not defined"
        return Alignment(undefined, signs, None, unknown, None, None)
    if lost := int((~np.isfinite(by_draw)).sum()):
        return Alignment(_infinite(lost, by_draw.size), signs, None, unknown, None, None)

    negative = by_draw < 0
    split = bool(negative.any() and not negative.all())
    weak = float((np.abs(by_draw) < NEAR_ZERO).mean())
    reason = _why_not(draws.reflection_symmetric, split, weak)
    if draws.reflection_symmetric and not reason:
        signs = np.where(negative, -1.0, 1.0)
    mirrored = mirrored_shares(draws, signs)
    return Alignment(
        reason=reason or _mirrored(mirrored),
        signs=signs,
        draw_correlations=by_draw,
        chain_correlations=np.array(
            [
                np.nan if on_both else correlation(mean, component)
                for mean, on_both in zip(
                    draws.chain_means(dimension),
                    negative.any(axis=1) & ~negative.all(axis=1),
                    strict=True,
                )
            ]
        ),
        split=split,
        weak_share=weak,
        mirrored_chambers=mirrored,
    )


def unturned(draws: VoteDraws) -> Alignment:
    """Of draws from the prior: no votes say which side is which."""
    spread = draws.by_draw["position_sd"]
    lost = int((~(np.isfinite(spread) & (spread > 0))).sum())
    return Alignment(
        reason=_infinite(lost, spread.size) if lost else None,
        signs=np.ones(spread.shape),
        draw_correlations=None,
        chain_correlations=np.full(spread.shape[0], np.nan),
        split=None,
        weak_share=None,
    )


def _infinite(lost: int, draws: int) -> str:
    return f"positions do not vary, or are not finite, in {lost} of {draws} draws"


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
