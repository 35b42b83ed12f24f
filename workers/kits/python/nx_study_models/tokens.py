"""Which tokens a random prompt may hold."""

from collections.abc import Sequence
from typing import Any


def ordinary_ids(tokenizer: Any, vocabulary: int) -> Sequence[int]:
    """Ids below `vocabulary` without special and control tokens, ascending; `tokenizer` is transformers'."""
    added = tokenizer.added_tokens_decoder
    special = {token for token, content in added.items() if content.special} | set(tokenizer.all_special_ids)
    return [token for token in range(min(vocabulary, len(tokenizer))) if token not in special]
