"""The second dimension, where the model has one: the same as of the first, in fields of its own."""

from typing import Any

import numpy as np

from nx_study_posterior.derive.absence import Absences

from .alignment import Alignment, correlation
from .draws import VoteDraws
from .section import PATH, SPLIT_RAW, aligned_of, aligned_position, element
from .sides import NEAR_ZERO, WEAK_SHARE_TOLD, sides


def add_second_dimension(
    section: dict[str, Any], draws: VoteDraws, aligned: Alignment, absences: Absences
) -> None:
    """Add `second` to each position and roll call of the section, and what concerns all of them."""
    path = f"{PATH}.second_dimension"
    raw_reason = SPLIT_RAW if aligned.split and draws.reflection_symmetric else None
    for name, reason in (("raw", raw_reason), ("aligned", aligned.reason)):
        if reason:
            absences.add(f"{path}.{name}", reason)
    raw = None if raw_reason else draws.raw("xi", 1)
    turned = aligned_of(draws, aligned, "xi", 1)
    for index, position in enumerate(section["positions"]):
        at = f"{PATH}.positions.{index}.second"
        position["second"] = {
            "raw": element(raw, index, f"{at}.raw", absences),
            "aligned": aligned_position(turned, index, f"{at}.aligned", absences),
        }
    beta = None if raw_reason else draws.raw("beta", 1)
    scaled = aligned_of(draws, aligned, "beta", 1)
    for index, rollcall in enumerate(section["rollcalls"]):
        at = f"{PATH}.rollcalls.{index}.second"
        rollcall["second"] = {
            "beta": element(beta, index, f"{at}.beta", absences),
            "aligned": {"beta": element(scaled, index, f"{at}.aligned.beta", absences)},
        }
    section["second_dimension"] = {
        "anchors": draws.attributes.get("notes", {}).get("anchors"),
        "sign": sides(draws, aligned, absences, f"{path}.sign"),
        "correlation_with_pc2": None
        if turned is None
        else absences.number(
            f"{path}.correlation_with_pc2",
            correlation(turned["mean"], draws.reference(1)),
            "fewer than three members, or no variation among them",
        ),
        "correlation_with_first": _with_first(draws, absences, f"{path}.correlation_with_first"),
    }


def second_warnings(draws: VoteDraws, section: dict[str, Any], reason: str | None) -> list[dict[str, str]]:
    """Findings about the second dimension."""
    sign = section["second_dimension"]["sign"]
    found = []
    if sign["split"]:
        found.append(("split-sides-2", "dimension 2: draws are on both sides of the second component"))
    if draws.reflection_symmetric and (sign["weak_draw_share"] or 0) > WEAK_SHARE_TOLD:
        found.append(
            (
                "weakly-identified-2",
                f"dimension 2: {sign['weak_draw_share']:.1%} of the draws correlate by less than {NEAR_ZERO} "
                "with the second component; turned to its side, they bias aligned numbers towards it",
            )
        )
    if reason:
        found.append(("not-aligned-2", f"dimension 2: there are no aligned positions: {reason}"))
    return [{"code": code, "message": message} for code, message in found]


def _with_first(draws: VoteDraws, absences: Absences, path: str) -> float | None:
    """Mean over draws of the absolute correlation of both dimensions: the same in every mirror image."""
    both = draws.by_draw["dimensions_correlation"]
    return absences.number(path, np.abs(both).mean(), "positions do not vary")
