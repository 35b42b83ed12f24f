"""On which side of the first component the draws are, and what follows for who reads the numbers."""

from typing import Any

import numpy as np

from nx_study_posterior.derive.absence import Absences

from .alignment import NEAR_ZERO, WEAK_SHARE_TOLD, Alignment
from .draws import VoteDraws


def sides(draws: VoteDraws, aligned: Alignment, absences: Absences, path: str) -> dict[str, Any]:
    """What is known of signs; shares are of draws."""
    by_draw = aligned.draw_correlations
    if by_draw is None:
        for name in ("per_chain_correlation_with_pc1", "negative_draw_share", "weak_draw_share", "split"):
            absences.add(f"{path}.{name}", str(aligned.reason))
    chains = [
        absences.number(
            f"{path}.per_chain_correlation_with_pc1.{chain}",
            value,
            str(aligned.reason)
            if by_draw is None
            else "this chain is on both sides, so that its mean says nothing",
        )
        for chain, value in enumerate(aligned.chain_correlations)
    ]
    return {
        "per_chain_correlation_with_pc1": chains,
        "negative_draw_share": None if by_draw is None else (by_draw < 0).mean(axis=1).tolist(),
        # Those whose side is nearly left to chance; turning them biases aligned numbers towards it.
        "near_zero": NEAR_ZERO,
        "weak_draw_share": aligned.weak_share,
        # Chains of which at least one draw was turned.
        "turned_chains": np.flatnonzero((aligned.signs < 0).any(axis=1)).tolist(),
        "reflection_symmetric": draws.reflection_symmetric,
        "split": aligned.split,
    }


def side_warnings(draws: VoteDraws, section: dict[str, Any], reason: str | None) -> list[dict[str, str]]:
    """Findings for every table that shows the measurement."""
    sign, found = section["sign"], []
    if sign["split"]:
        shares = ", ".join(f"{share:.1%}" for share in sign["negative_draw_share"])
        found.append(
            (
                "split-sides",
                f"draws are on both sides of the first component (on the other side, by chain: {shares})",
            )
        )
    elif sign["split"] is False and not draws.reflection_symmetric and all(sign["negative_draw_share"]):
        found.append(
            (
                "against-orientation",
                "positions lie against the orientation, and in this model the mirror image is no solution",
            )
        )
    if draws.reflection_symmetric and (sign["weak_draw_share"] or 0) > WEAK_SHARE_TOLD:
        found.append(
            (
                "weakly-identified",
                f"{sign['weak_draw_share']:.1%} of the draws correlate by less than {NEAR_ZERO} with the "
                "first component; "
                "turned to its side, they bias aligned numbers towards it",
            )
        )
    found.extend(
        (
            "mirrored-chamber",
            f"{chamber['chamber']} is mirrored against the other chambers in "
            f"{chamber['mirrored_draw_share']:.1%} of the draws",
        )
        for chamber in section.get("chambers", [])
        if (chamber["mirrored_draw_share"] or 0) > WEAK_SHARE_TOLD
    )
    if reason:
        found.append(("not-aligned", f"there are no aligned positions: {reason}"))
    return [{"code": code, "message": message} for code, message in found]
