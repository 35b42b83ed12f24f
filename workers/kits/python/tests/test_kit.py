"""The kit with a real process, a real signal and real files."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from kit_schemas import assert_written, problems_of

from nx_study_worker import Events, Request, WorkerError, rss_peak_bytes, write_json

KIT = Path(__file__).resolve().parents[1]

REQUEST = {
    "protocol": 1,
    "study": "s",
    "id": "one-00000000",
    "label": "one",
    "repetition": 1,
    "take": 1,
    "digest": "0" * 64,
    "configuration": {},
    "seed": 1,
    "allowance": {"cpus": 3},
    "time_limit_s": None,
    "cache_dir": "/nowhere",
    "assets": {},
    "assets_dir": "/nowhere",
    "modules": {"model": ["/m.py", "/helpers.py"]},
    "study_seed": 1,
}

HEAD = """
import time
from nx_study_worker import Outcome, Unavailable, Unsupported, run

def measure(task):
"""
TAIL = "\n\nrun(measure)\n"


def start(folder, body):
    (folder / "request.json").write_text(json.dumps(REQUEST))
    indented = "\n".join("    " + line for line in body.splitlines())
    return subprocess.Popen(
        [sys.executable, "-c", HEAD + indented + TAIL, str(folder)],
        env={**os.environ, "PYTHONPATH": str(KIT)},
        stderr=subprocess.PIPE,
        text=True,
    )


def events_of(folder):
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


def finish(folder, body):
    process = start(folder, body)
    _, error = process.communicate(timeout=20)
    assert_written(folder)
    return process.returncode, error


def test_success(tmp_path):
    body = """
task.events.phase("counting")
task.events.progress(1, 2, "steps", {"cpus": task.request.cpus})
task.events.warning("w", "Müller")
(task.directory / "side.bin").write_bytes(b"abc")
return Outcome("example", {"n": 1, "none": None}, ["side.bin"])
"""
    assert finish(tmp_path, body) == (0, "")
    result = json.loads((tmp_path / "result.json").read_text())
    digest = hashlib.sha256(b"abc").hexdigest()
    assert result == {
        "protocol": 1,
        "kind": "example",
        "partial": False,
        "payload": {"n": 1, "none": None},
        "files": [{"path": "side.bin", "sha256": digest}],
    }
    events = events_of(tmp_path)
    assert [event["event"] for event in events] == ["phase", "progress", "warning"]
    assert events[1]["detail"] == {"cpus": 3}
    assert events[2]["message"] == "Müller"
    assert all(abs(event["t"] - time.time()) < 60 for event in events)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("events.jsonl", "request.json", "result.json", "side.bin"),
    ]


@pytest.mark.parametrize(
    ("body", "type_", "message"),
    [
        ("raise ValueError('what')", "crash", "what"),
        ("raise MemoryError()", "oom", "MemoryError"),
        (
            "try:\n    raise MemoryError()\nexcept MemoryError as e:\n    raise OSError('x') from e",
            "oom",
            "x",
        ),
        ("class OutOfMemoryError(RuntimeError): pass\nraise OutOfMemoryError('CUDA: 2 GiB')", "oom", "2 GiB"),
        ("raise RuntimeError('DefaultCPUAllocator: not enough memory: 9 bytes')", "oom", "9 bytes"),
        ("raise RuntimeError('CUDA error: out of memory')", "oom", "CUDA"),
        ("raise RuntimeError('something else')", "crash", "else"),
        ("raise Unsupported('never')", "unsupported", "never"),
        ("raise Unavailable('nobody listens')", "environment", "nobody listens"),
        (
            "return Outcome('example', {'x': [0, {'y': float('nan')}]})",
            "crash",
            "`payload.x.1.y`: NaN is no JSON; write null, and why under `reasons`",
        ),
        ("return Outcome('example', {'x': -float('inf')})", "crash", "`payload.x`: -Infinity is no JSON"),
        (
            "return Outcome('example', {'x': 2**53 + 1})",
            "crash",
            "`payload.x`: 9007199254740993 is not a number",
        ),
        ("task.events.progress(float('nan'), 1, 'steps')", "crash", "`done`: NaN is no JSON"),
        ("return Outcome('example', {}, ['missing'])", "crash", "missing"),
        ("import sys; sys.exit('enough')", "crash", "enough"),
    ],
)
def test_failures(tmp_path, body, type_, message):
    code, error = finish(tmp_path, body)
    assert code == 1
    failure = events_of(tmp_path)[-1]
    assert (failure["event"], failure["type"]) == ("failure", type_)
    assert message in failure["message"]
    assert "Traceback" in failure["traceback"]
    assert message in error
    assert not (tmp_path / "result.json").exists()


def test_what_was_opened_is_closed_after_the_result(tmp_path):
    closing = """
result = task.directory / "result.json"
for name in "ab":
    task.closing.append(lambda name=name: task.events.warning(name, str(result.exists())))
"""
    assert finish(tmp_path, closing + 'return Outcome("example", {})') == (0, "")
    phase, *warnings = events_of(tmp_path)
    assert phase["phase"] == "teardown"
    assert [(event["code"], event["message"]) for event in warnings] == [("b", "True"), ("a", "True")]


def test_what_was_opened_is_closed_after_a_failure(tmp_path):
    body = 'task.closing.append(lambda: task.events.warning("closed", ""))\nraise Unsupported("never")'
    assert finish(tmp_path, body)[0] == 1
    assert [event["event"] for event in events_of(tmp_path)] == ["failure", "warning"]


def test_a_failing_teardown_keeps_the_result(tmp_path):
    code, error = finish(tmp_path, 'task.closing.append(lambda: 1 / 0)\nreturn Outcome("example", {})')
    assert code == 1
    assert "ZeroDivisionError" in error
    assert events_of(tmp_path)[-1]["event"] == "failure"
    assert (tmp_path / "result.json").exists()


STOPPABLE = """
task.events.phase("nothing to save")
time.sleep({before})
task.stop.defer()
task.events.phase("something to save")
while not task.stop.requested:
    time.sleep(0.01)
return Outcome("example", {{}}, partial=True)
"""


def signal_in_phase(folder, body, phase, number):
    process = start(folder, body)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if (folder / "events.jsonl").exists() and phase in (folder / "events.jsonl").read_text():
            break
        time.sleep(0.01)
    process.send_signal(number)
    process.communicate(timeout=20)
    assert_written(folder)
    return process.returncode


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_deferred_stop_saves(tmp_path, number, code):
    assert signal_in_phase(tmp_path, STOPPABLE.format(before=0), "something", number) == code
    assert json.loads((tmp_path / "result.json").read_text())["partial"] is True


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, -15), (signal.SIGINT, 130)])
def test_an_early_stop_is_immediate(tmp_path, number, code):
    assert signal_in_phase(tmp_path, STOPPABLE.format(before=60), "nothing", number) == code
    assert not (tmp_path / "result.json").exists()
    assert [event["event"] for event in events_of(tmp_path)] == ["phase"]


def test_a_request_has_the_keys_of_the_schema(tmp_path):
    assert problems_of("request", REQUEST) == []
    (tmp_path / "request.json").write_text(json.dumps(REQUEST))
    assert asdict(Request.read(tmp_path / "request.json")) == REQUEST


def test_a_request_of_an_earlier_version_has_no_modules_and_no_seed_of_the_study(tmp_path):
    earlier = {key: value for key, value in REQUEST.items() if key not in ("modules", "study_seed")}
    (tmp_path / "request.json").write_text(json.dumps(earlier))
    read = Request.read(tmp_path / "request.json")
    assert (read.modules, read.study_seed) == ({}, None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"protocol": 2}, "protocol 2, this worker speaks 1"),
        ({"seed": ...}, "missing seed"),
    ],
)
def test_bad_requests(tmp_path, change, message):
    request = {key: value for key, value in {**REQUEST, **change}.items() if value is not ...}
    (tmp_path / "request.json").write_text(json.dumps(request))
    with pytest.raises(WorkerError, match=message):
        Request.read(tmp_path / "request.json")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"seed": NaN}'])
def test_requests_that_are_no_json_object(tmp_path, text):
    (tmp_path / "request.json").write_text(text)
    with pytest.raises(WorkerError, match=r"request\.json"):
        Request.read(tmp_path / "request.json")


def test_usage():
    done = subprocess.run(
        [sys.executable, "-c", HEAD + "    pass" + TAIL],
        env={**os.environ, "PYTHONPATH": str(KIT)},
        check=False,
    )
    assert done.returncode == 2


def test_heartbeats(tmp_path):
    with Events(tmp_path / "events.jsonl") as events, events.heartbeats(every_s=0.01):
        time.sleep(0.2)
    beats = events_of(tmp_path)
    assert len(beats) >= 3
    assert {event["event"] for event in beats} == {"heartbeat"}


def test_json_is_replaced_whole(tmp_path):
    path = tmp_path / "x.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"a": float("inf")})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.json"]


def test_peak_memory_is_in_bytes():
    code = "from nx_study_worker import rss_peak_bytes as r; a = r(); x = b'x' * 200_000_000; print(a, r())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(KIT)},
        capture_output=True,
        text=True,
        check=True,
    )
    before, after = map(int, done.stdout.split())
    assert 3e6 < before < 100e6
    assert 190e6 < after - before < 230e6
    assert rss_peak_bytes() > 1e6
