"""Several chambers or terms on one scale: who votes in which, and their sides."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..scale import SIDE, chambers_of
from .draws import VoteDraws


def mirrored_shares(draws: VoteDraws, signs: np.ndarray) -> dict[str, float]:
    """By chamber: the share of draws in which those who vote only there lie the other way round.

    `signs` turn a draw as a whole. Chambers with too few of them are left out.
    """
    sides = {name: side for name, side in draws.by_draw.items() if name.startswith(SIDE)}
    return {name.removeprefix(SIDE): float((side * signs < 0).mean()) for name, side in sides.items()}


def chambers(draws: VoteDraws, mirrored: Mapping[str, float]) -> list[dict[str, Any]]:
    """For the section."""
    of_rollcall = draws.constant["chamber"].values if "chamber" in draws.constant else np.array([])
    return [
        {
            "chamber": name,
            "legislators": len(at),
            "rollcalls": int((of_rollcall == index).sum()),
            "mirrored_draw_share": mirrored.get(name),
        }
        for index, (name, at) in enumerate(chambers_of(draws).items())
    ]
