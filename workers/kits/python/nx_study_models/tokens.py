"""What a tokenizer knows: tokens that a random prompt may hold, and the texts of conversations."""

from collections.abc import Mapping, Sequence
from typing import Any

from nx_study_worker import Unsupported


def ordinary_ids(tokenizer: Any, vocabulary: int) -> Sequence[int]:
    """Ids below `vocabulary` without special and control tokens, ascending; `tokenizer` is transformers'."""
    added = tokenizer.added_tokens_decoder
    special = {token for token, content in added.items() if content.special} | set(tokenizer.all_special_ids)
    return [token for token in range(min(vocabulary, len(tokenizer))) if token not in special]


def chat_text(tokenizer: Any, messages: Sequence[Mapping[str, str]]) -> str:
    """Write messages by the tokenizer's chat template, up to where an answer begins."""
    if not getattr(tokenizer, "chat_template", None):
        raise Unsupported(
            "the model has no chat template to write conversations with: "
            "take a model with one, or set `form: prompt`"
        )
    from jinja2 import TemplateError

    try:
        return str(tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True))
    except (TemplateError, TypeError, ValueError) as error:
        raise Unsupported(f"the model's chat template refuses these messages ({error})") from error
