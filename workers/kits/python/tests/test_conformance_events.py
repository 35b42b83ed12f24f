"""The events that every kit must write alike."""

import json
import time

import pytest
from kit_cases import cases
from kit_schemas import problems_of

from nx_study_worker import Events


@cases("events.json")
def test_event(case, tmp_path):
    with Events(tmp_path / "events.jsonl") as events:
        getattr(events, case["call"])(*case["arguments"])
    line, *rest = (tmp_path / "events.jsonl").read_bytes().decode().split("\n")
    event = json.loads(line)
    assert problems_of("event", event) == []
    assert event == {"t": pytest.approx(time.time(), abs=60), **case["expect"]}
    assert rest == [""]
