"""Conversations as a tokenizer's chat template writes them, and the refusals of those that have none."""

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import PreTrainedTokenizerFast

from nx_study_models.tokens import chat_text
from nx_study_worker import Unsupported

TEMPLATE = """{% for message in messages -%}
{% if message.role == "system" %}{{ raise_exception("no system") }}{% endif -%}
{{ message.role }} {{ message.content }} {% endfor -%}
{% if add_generation_prompt %}assistant{% endif %}"""
USER = {"role": "user", "content": "hello there"}


def tokenizer(**options):
    words = ["user", "assistant", "hello", "there", "hm"]
    model = WordLevel({word: number for number, word in enumerate(words)}, unk_token="hm")
    made = Tokenizer(model)
    made.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=made, **options)


def test_messages_are_written_up_to_where_the_answer_begins():
    made = tokenizer(chat_template=TEMPLATE)
    messages = [USER, {"role": "assistant", "content": "hm"}, USER]
    text = chat_text(made, messages)
    assert text == "user hello there assistant hm user hello there assistant"
    ids = made.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
    assert made.encode(text, add_special_tokens=False) == ids == [0, 2, 3, 1, 4, 0, 2, 3, 1]


def test_a_tokenizer_without_a_template_is_refused():
    with pytest.raises(Unsupported, match="the model has no chat template"):
        chat_text(tokenizer(), [USER])


def test_messages_that_the_template_refuses():
    with pytest.raises(Unsupported, match=r"refuses these messages \(no system\)"):
        chat_text(tokenizer(chat_template=TEMPLATE), [{"role": "system", "content": "x"}, USER])
