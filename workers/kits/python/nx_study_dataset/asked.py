"""What is asked of the entries of a dataset, and in which order."""

import hashlib
from collections.abc import Mapping
from typing import Any

from nx_study_worker import InputProblem

from .forms import Form, Message, Turn


def refuse_two_files(configuration: Mapping[str, Any]) -> None:
    """Refuse a configuration that takes its prompts from two files."""
    if configuration.get("dataset") is not None and configuration.get("prompts") is not None:
        raise InputProblem("dataset: `prompts` is set, too: leave one of them out", setting="dataset")


def before_answer(form: Form, turns: list[Turn]) -> list[Message]:
    """All messages up to the last answer; of a ShareGPT conversation the first question, as elsewhere."""
    *before, last = turns[:1] if form == "sharegpt" else turns
    messages: list[Message] = []
    for turn in before:
        messages += [*turn.messages, {"role": "assistant", "content": str(turn.answer)}]
    return messages + last.messages


def seeded_order(count: int, seed: int) -> list[int]:
    """Indices of entries in the order that the seed draws."""
    return sorted(
        range(count), key=lambda index: hashlib.sha256(f"{seed}/dataset/{index}".encode()).hexdigest()
    )
