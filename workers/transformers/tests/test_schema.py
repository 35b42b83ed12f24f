import pytest
from conftest import SCHEMA, SHAPE, configuration
from jsonschema import Draft202012Validator

VALIDATOR = Draft202012Validator(SCHEMA)


def objects(schema):
    yield schema
    for key in schema.get("properties", {}).values():
        if "properties" in key:
            yield from objects(key)


def test_every_key_is_explained_and_nothing_else_is_allowed():
    Draft202012Validator.check_schema(SCHEMA)
    for schema in objects(SCHEMA):
        assert schema["additionalProperties"] is False
        for name, key in schema["properties"].items():
            assert key["title"], name
            assert key["description"].endswith("."), name
            assert ("default" in key) == (name not in schema.get("required", [])), name


def test_the_defaults_are_a_configuration():
    VALIDATOR.validate(configuration())


@pytest.mark.parametrize(
    "change",
    [
        {"model": "/models/folder"},
        {"model": {"synthetic": {name: SHAPE[name] for name in SHAPE if name not in ("seed", "dtype")}}},
        {"workloads": [{}, {"batch_size": 4}, {"prompt_tokens": 1, "new_tokens": 1}]},
        {"energy": None},
        {"prompts": "/data/prompts.txt"},
        {"dataset": {"file": "/data/chats.jsonl", "form": "messages", "order": "seeded"}},
        {"quantisation": "bnb-nf4"},
    ],
)
def test_accepted(change):
    VALIDATOR.validate(configuration(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"model": ""},
        {"model": None},
        {"model": {}},
        {"model": {"synthetic": {**SHAPE, "layer": 2}}},
        {"model": {"synthetic": {**SHAPE, "layers": 0}}},
        {"model": {"synthetic": SHAPE, "name": "x"}},
        {"dtype": "float32"},
        {"compute_dtype": "int8"},
        {"quantisation": "none"},
        {"threads": 0},
        {"workloads": []},
        {"dataset": {"file": "/data/chats.jsonl"}},
        {"dataset": {"file": "/data/chats.jsonl", "form": "sharegpt", "answers": "recorded"}},
        {"workloads": [{"new_token": 3}]},
        {"energy": {"window_s": 9.9}},
        {"warmup": {"iterations": 3}},
        {"measure": {"max_s": 0}},
    ],
)
def test_refused(change):
    assert not VALIDATOR.is_valid(configuration(**change))
