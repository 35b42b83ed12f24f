"""JSON text of values that JSON, and the doubles of its readers, can hold as they are."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

# Beyond it not every whole number is a double.
LARGEST_SAFE = 2**53
# How Python reads names of files that are no UTF-8: in JSON it must be escaped.
SURROGATE = re.compile("[\ud800-\udfff]")


def json_text(value: Any, indent: int | None = None) -> str:
    """Raise ValueError with the dotted path of NaN, an infinity, or an integer that no double equals."""
    for problem in _problems(value, ""):
        raise ValueError(problem)
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, indent=indent)
    return SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _problems(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _problems(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _problems(inner, f"{path}.{index}" if path else str(index))
    elif isinstance(value, float) and not math.isfinite(value):
        name = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        yield f"`{path}`: {name} is no JSON; write null, and why under `reasons`"
    elif isinstance(value, int) and abs(value) > LARGEST_SAFE and not _is_double(value):
        yield f"`{path}`: {value} is not a number that can be kept. Write it as text, or in another unit"


def _is_double(value: int) -> bool:
    try:
        return int(float(value)) == value
    except OverflowError:
        return False
