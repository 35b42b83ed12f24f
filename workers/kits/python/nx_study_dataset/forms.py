"""The forms of a dataset's entries."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from nx_study_worker import InputProblem

from .text import Place

Form = Literal["prompt", "messages", "sharegpt"]
Message = dict[str, str]  # role, content

ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "model": "assistant",
    "bot": "assistant",
}
EXAMPLES: dict[Form, str] = {
    "prompt": '"a text" or {"prompt": "a text"}',
    "messages": '{"messages": [{"role": "user", "content": "a text"}]}',
    "sharegpt": '{"conversations": [{"from": "human", "value": "a text"}]}',
}
MOST_OF_A_VALUE = 80
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Turn:
    """What is said before an answer, and the answer, where the file has one."""

    messages: list[Message]
    answer: str | None


def turns_of_entry(form: Form, value: Any, place: Place) -> list[Turn]:
    """Read the turns of an entry, none where no user says anything.

    Further keys mean nothing. What is not in that form raises `InputProblem` with place, path and value.
    """
    if form == "prompt":
        return [_prompt_of(value, place)]
    key, role, said = (
        ("messages", "role", "content") if form == "messages" else ("conversations", "from", "value")
    )
    is_bare = form == "messages" and isinstance(value, list)
    found = value if is_bare else _object_at(value, "", place).get(key, _MISSING)
    if not isinstance(found, list):
        raise _wrong(place, key, found, f"a list: the form {form} has entries such as {EXAMPLES[form]}")
    path = "" if is_bare else key
    return _turns_of([_message(one, f"{path}[{i}]", place, role, said) for i, one in enumerate(found)])


def _message(value: Any, path: str, place: Place, role: str, said: str) -> Message:
    message = _object_at(value, path, place)
    name = message.get(role, _MISSING)
    if not isinstance(name, str) or name not in ROLES:
        raise _wrong(place, f"{path}.{role}", name, f"one of {', '.join(ROLES)}")
    return {"role": ROLES[name], "content": _text_at(message.get(said, _MISSING), f"{path}.{said}", place)}


def _prompt_of(value: Any, place: Place) -> Turn:
    if isinstance(value, str):
        return Turn([{"role": "user", "content": _text_at(value, "", place)}], None)
    entry = _object_at(value, "", place)
    prompt, answer = _text_at(entry.get("prompt", _MISSING), "prompt", place), entry.get("answer")
    said = None if answer is None else _text_at(answer, "answer", place)
    return Turn([{"role": "user", "content": prompt}], said)


def _turns_of(messages: list[Message]) -> list[Turn]:
    """Each answer ends a turn; what is answered before a user has said anything is left out."""
    turns: list[Turn] = []
    begun: list[Message] = []
    for message in messages:
        if message["role"] != "assistant":
            begun.append(message)
        elif _has_user(begun):
            turns.append(Turn(begun, message["content"]))
            begun = []
    return [*turns, Turn(begun, None)] if _has_user(begun) else turns


def _has_user(messages: list[Message]) -> bool:
    return any(message["role"] == "user" for message in messages)


def _object_at(value: Any, path: str, place: Place) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise _wrong(place, path, value, "an object")


def _text_at(value: Any, path: str, place: Place) -> str:
    if isinstance(value, str) and value:
        return value
    raise _wrong(place, path, value, "a text that is not empty")


def _wrong(place: Place, path: str, value: Any, expected: str) -> InputProblem:
    shown = None if value is _MISSING else _short(value)
    message = f"{path or 'the entry'} is {shown or 'missing'}; it must be {expected}"
    return place.problem(message, shown)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= MOST_OF_A_VALUE else f"{text[:MOST_OF_A_VALUE]}…"
