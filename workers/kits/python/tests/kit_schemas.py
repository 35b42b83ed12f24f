"""The schemas of the worker protocol, as nx-study publishes them."""

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

FOLDER = Path(__file__).resolve().parents[4] / "plugins/nx-study/schemas"


@cache
def _validator(name):
    return Draft202012Validator(json.loads((FOLDER / f"{name}.schema.json").read_text()))


def problems_of(name, document):
    """How a document differs from a schema; empty when it doesn't."""
    return [f"{error.json_path}: {error.message}" for error in _validator(name).iter_errors(document)]


def assert_written(folder):
    """What a kit wrote into a run directory is as the schemas have it."""
    for line in (folder / "events.jsonl").read_text().splitlines():
        assert problems_of("event", json.loads(line)) == []
    if (folder / "result.json").exists():
        assert problems_of("result", json.loads((folder / "result.json").read_text())) == []
