"""Judgements as a table for people, or as JSON for programs."""

import json
from collections import Counter
from collections.abc import Sequence

from .judging import Judgement


def as_table(gpu: str, judgements: Sequence[Judgement], elapsed_s: float) -> str:
    """One line for each check, and a last one that counts."""
    width = max(len(judgement.name) for judgement in judgements)
    lines = [f"{one.state:<8}{one.name:<{width}}  {one.detail}" for one in judgements]
    counts = _counts(judgements)
    told = ", ".join(f"{counts[state]} {state}" for state in ("held", "failed", "not run"))
    return "\n".join([gpu, *lines, f"{told}, in {elapsed_s:.0f} s"])


def as_json(gpu: str, judgements: Sequence[Judgement], elapsed_s: float) -> str:
    """The same as one object."""
    counts = _counts(judgements)
    checks = [{"name": one.name, "state": one.state, "detail": one.detail} for one in judgements]
    numbers = {state.replace(" ", "_"): counts[state] for state in ("held", "failed", "not run")}
    return json.dumps({"gpu": gpu, "checks": checks, **numbers, "elapsed_s": round(elapsed_s, 3)})


def _counts(judgements: Sequence[Judgement]) -> Counter[str]:
    return Counter(judgement.state for judgement in judgements)
