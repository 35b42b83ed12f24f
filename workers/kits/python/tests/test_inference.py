"""The measuring of an engine: what is called, in which order, and what the payload says."""

import gc
import json
import os
import shutil
import tempfile
import time
import tracemalloc
import weakref
from pathlib import Path

import pytest
from kit_engine import MEASURE, WARMUP, Remembering, measured, request

from nx_study_dataset import read_dataset
from nx_study_inference import Generated, Workload, compile_cache_folder
from nx_study_inference.folders import VARIABLES
from nx_study_inference.passes import MOST_PREPARED, Call, Passes, calls_within
from nx_study_inference.prompts import prompts_of_dataset
from nx_study_worker import Unsupported, WorkerError


def events_of(folder, name):
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    return [event for event in events if event["event"] == name]


def phases_of(folder):
    return [event["phase"] for event in events_of(folder, "phase")]


def test_order_of_calls(tmp_path):
    engine = Remembering()
    measured(tmp_path, engine)
    calls = [call for call in engine.calls if call != "reset"]
    assert calls == [
        "import",
        "read",
        "context for 1",
        *["generate 2x8+4"] * (1 + 2 + 3),  # first call, warm-up, measuring
        *["prefill 2x8"] * 3,
        *["generate 2x8+4"] * 2,  # memory
    ]
    passes = engine.calls[3:]
    assert passes[0::2] == ["reset"] * (len(passes) // 2)  # before every call
    assert phases_of(tmp_path) == [
        "importing",
        "loading",
        "first-call",
        "warming-up",
        "measuring",
        "prefilling",
        "memory",
    ]


def test_prompts_are_unique_exact_and_seeded(tmp_path):
    def prompts(name, seed):
        engine = Remembering()
        folder = tmp_path / name
        folder.mkdir()
        measured(folder, engine, seed=seed, workloads=[{}, {"batch_size": 3}])
        return engine.prompts

    first = prompts("first", 1)
    assert all(len(prompt) == 8 and set(prompt) <= set(range(100, 200)) for prompt in first)
    assert len({tuple(prompt) for prompt in first}) == len(first)
    assert prompts("again", 1) == first
    assert not set(map(tuple, first)) & set(map(tuple, prompts("other", 2)))


def test_payload(tmp_path):
    payload = measured(tmp_path, Remembering(), threads=3, device="auto")
    [workload] = payload["workloads"]
    assert workload["warmup"]["converged"] is None
    assert len(workload["warmup"]["samples_s"]) == 2
    assert [call["prompt_tokens"] for call in workload["generate"]] == [[8, 8]] * 3
    assert [call["new_tokens"] for call in workload["generate"]] == [[4, 4]] * 3
    assert [call["elapsed_s"] for call in workload["prefill"]] == [0.25] * 3
    starts = [call["start_s"] for call in [*workload["generate"], *workload["prefill"]]]
    assert starts == sorted(starts)
    assert workload["stopped_by"] == "enough"
    assert workload["energy"] == {"status": "unavailable", "reason": "not asked for"}
    assert payload["settings"]["asked"] == {"threads": 3, "device": "auto", "start": "warm"}
    assert payload["load"]["context_s"] is not None
    assert payload["load"]["cold"] is None
    assert payload["reasons"]["load.cold"] == "the engine reads no local file"
    assert payload["warnings"] == []


def test_every_null_has_a_reason(tmp_path):
    payload = measured(tmp_path, Remembering())
    memory = payload["workloads"][0]["memory"]
    nulls = {
        *(f"load.{name}" for name, value in payload["load"].items() if value is None),
        *(f"workloads.0.memory.{name}" for name, value in memory.items() if value is None),
    }
    assert nulls == set(payload["reasons"])


def test_workloads_share_one_load_in_seeded_order(tmp_path):
    engine = Remembering()
    shapes = [{"new_tokens": 2}, {"prompt_tokens": 16}, {"batch_size": 5, "new_tokens": 1}]
    payload = measured(tmp_path, engine, seed=2, workloads=shapes)
    assert engine.calls.count("read") == 1
    assert [workload["order"] for workload in payload["workloads"]] == [1, 2, 0]
    asked = [(w["batch_size"], w["prompt_tokens"], w["new_tokens"]) for w in payload["workloads"]]
    assert asked == [(2, 8, 2), (2, 16, 4), (5, 8, 1)]
    generated = [call for call in engine.calls if call.startswith("generate")]
    assert generated[0] == "generate 5x8+1"  # the first call has the shape of the first workload that runs
    assert list(dict.fromkeys(generated)) == ["generate 5x8+1", "generate 2x8+2", "generate 2x16+4"]


def test_tokens_are_those_that_the_engine_counted(tmp_path):
    class Stopping(Remembering):
        def generate(self, prompts, new_tokens):
            super().generate(prompts, new_tokens)
            return Generated([[0.1], [0.1, 0.2]], [1, 2], [7, 8])

    [workload] = measured(tmp_path, Stopping())["workloads"]
    assert workload["generate"][0] == {
        "start_s": workload["generate"][0]["start_s"],
        "prompt_tokens": [7, 8],
        "new_tokens": [1, 2],
        "token_times_s": [[0.1], [0.1, 0.2]],
    }


def test_no_warm_up_no_prefill_no_memory(tmp_path):
    engine = Remembering(prefill_method=None)
    payload = measured(
        tmp_path,
        engine,
        warmup={**WARMUP, "max_iterations": 0},
        measure={**MEASURE, "memory_iterations": 0},
    )
    [workload] = payload["workloads"]
    assert workload["warmup"] == {"samples_s": [], "converged": None, "target_cv": None, "cv": None}
    assert workload["prefill"] == []
    assert workload["memory"]["rss_peak_bytes"] is None
    assert payload["reasons"]["workloads.0.memory.rss_peak_bytes"] == "no memory pass was asked for"
    assert payload["reasons"]["workloads.0.prefill"]
    assert "prefilling" not in phases_of(tmp_path)


def test_the_cap_ends_measuring(tmp_path):
    class Slow(Remembering):
        def generate(self, prompts, new_tokens):
            time.sleep(0.02)
            return super().generate(prompts, new_tokens)

        def prefill(self, prompts):
            time.sleep(0.02)
            return super().prefill(prompts)

    engine = Slow()
    measure = {"iterations": 1000, "min_s": 0, "max_s": 0.2, "memory_iterations": 1}
    [workload] = measured(tmp_path, engine, measure=measure)["workloads"]
    assert workload["stopped_by"] == "max_s"
    assert 1 <= len(workload["generate"]) <= 10
    assert 1 <= len(workload["prefill"]) < 1000


def test_progress_is_told_between_calls(tmp_path):
    measured(tmp_path, Remembering())
    [first] = events_of(tmp_path, "progress")  # a second has not passed
    assert (first["done"], first["total"], first["unit"]) == (1, 3, "iterations")


def test_prompts_of_a_file(tmp_path):
    lines = [" ".join(str(10 * line + word) for word in range(10)) for line in range(20)]
    file = tmp_path / "prompts.txt"
    file.write_text("\r\n".join([lines[0], "", *lines[1:]]) + "\n")
    engine = Remembering()
    measured(tmp_path, engine, prompts=str(file))
    assert engine.prompts[2:6] == [[10 * line + word for word in range(8)] for line in range(4)]  # warm-up
    assert engine.prompts[6:12] == [[10 * line + word for word in range(8)] for line in range(6)]
    assert events_of(tmp_path, "warning") == []


def test_a_short_file_of_prompts_repeats(tmp_path):
    (tmp_path / "prompts.txt").write_text("1 2 3 4 5 6 7 8\n")
    engine = Remembering()
    measured(tmp_path, engine, prompts=str(tmp_path / "prompts.txt"))
    assert engine.prompts[:4] == [[1, 2, 3, 4, 5, 6, 7, 8]] * 4
    [warning] = events_of(tmp_path, "warning")
    assert warning["code"] == "prompts-repeat"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2 3 4 5 6 7 8\n\n1 2 3\n", r"prompts.txt, line 3: it has 3 tokens, and prompt_tokens asks for 8"),
        ("\n \n", r"prompts.txt: it has no prompt"),
        (None, r"prompts.txt, line 1: it is not UTF-8"),
    ],
)
def test_files_that_are_no_prompts(tmp_path, text, message):
    file = tmp_path / "prompts.txt"
    if text is None:
        file.write_bytes(b"\xff\xfe1")
    else:
        file.write_text(text)
    with pytest.raises(Unsupported, match=message):
        measured(tmp_path, Remembering(), prompts=str(file))


def dataset(folder, form, *entries, order="as-written"):
    file = folder / "texts.jsonl"
    file.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    return {"file": str(file), "form": form, "order": order}


def test_texts_of_a_dataset_are_cut_or_repeated_to_the_exact_length(tmp_path):
    texts = [*(" ".join(str(10 * line + word) for word in range(10)) for line in range(6)), "1 2 3"]
    engine = Remembering()
    payload = measured(tmp_path, engine, dataset=dataset(tmp_path, "prompt", *texts))
    assert engine.prompts[6:12] == [[10 * line + word for word in range(8)] for line in range(6)]
    assert [call["prompt_tokens"] for call in payload["workloads"][0]["generate"]] == [[8, 8]] * 3
    assert [(event["code"], event["message"]) for event in events_of(tmp_path, "warning")] == [
        (
            "prompts-lengthened",
            "texts.jsonl: 1 of 7 entries have fewer than 8 tokens, and are repeated to that length",
        ),
    ]


def test_an_entry_takes_the_memory_of_its_own_tokens_however_long_prompts_are(tmp_path):
    entries = read_dataset(dataset(tmp_path, "prompt", *["1 2 3"] * 300), 1)
    tracemalloc.start()
    try:
        prompts = prompts_of_dataset(entries, Remembering(), 100_000, lambda *_: None)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 10e6
    assert prompts(Workload(0, 1, 7, 1), "generate", 299) == [[1, 2, 3, 1, 2, 3, 1]]


def test_a_short_dataset_repeats_in_its_seeded_order(tmp_path):
    texts = [" ".join([str(number)] * 8) for number in range(4)]
    engine = Remembering()
    measured(tmp_path, engine, seed=7, dataset=dataset(tmp_path, "prompt", *texts, order="seeded"))
    assert [prompt[0] for prompt in engine.prompts[6:12]] == [2, 0, 3, 1, 2, 0]
    assert [event["code"] for event in events_of(tmp_path, "warning")] == ["prompts-repeat"]


def test_conversations_are_written_by_the_chat_template(tmp_path):
    chat = [{"role": "user", "content": "10 11"}, {"role": "assistant", "content": "12"}]
    entries = [[*chat, {"role": "user", "content": "13"}], [{"role": "assistant", "content": "14"}], chat]
    engine = Remembering()
    measured(tmp_path, engine, dataset=dataset(tmp_path, "messages", *entries))
    assert engine.prompts[:2] == [[2, 10, 11, 3, 12, 2, 13, 3], [2, 10, 11, 3, 2, 10, 11, 3]]
    codes = [event["code"] for event in events_of(tmp_path, "warning")]
    assert codes == ["dataset-skipped", "prompts-lengthened", "prompts-repeat"]


def test_prompts_and_a_dataset_together_are_refused_before_anything_is_loaded(tmp_path):
    engine = Remembering()
    with pytest.raises(Unsupported, match="dataset: `prompts` is set, too: leave one of them out"):
        measured(tmp_path, engine, dataset=dataset(tmp_path, "prompt", "1"), prompts="x.txt")
    assert engine.calls == []


def test_entries_that_the_engine_can_not_take_are_named(tmp_path):
    class Plain(Remembering):
        chat_text = Remembering.__mro__[1].chat_text

    chat = dataset(tmp_path, "messages", [{"role": "user", "content": "1"}])
    with pytest.raises(Unsupported, match=r"texts.jsonl, line 1: remembering can't write conversations"):
        measured(tmp_path, Plain(), dataset=chat)
    with pytest.raises(Unsupported, match=r"texts.jsonl, line 2: the tokenizer makes no token of it"):
        measured(tmp_path, Remembering(), dataset=dataset(tmp_path, "prompt", "1", " "))
    with pytest.raises(Unsupported, match=r"none.jsonl: it can't be read"):
        measured(tmp_path, Remembering(), dataset={**chat, "file": str(tmp_path / "none.jsonl")})


def test_a_vocabulary_without_ordinary_tokens(tmp_path):
    class Empty(Remembering):
        def allowed_ids(self):
            return []

    with pytest.raises(WorkerError, match="allowed_ids"):
        measured(tmp_path, Empty())


def test_model_and_sizes_come_from_the_request(tmp_path):
    folder = tmp_path / "model"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep/weights.bin").write_bytes(bytes(1000))
    (folder / "config.json").write_bytes(bytes(24))
    asset = {"name": "small", "path": str(folder), "sha256": "f" * 64, "bytes": 1024, "licence": None}
    payload = measured(tmp_path, Remembering(model_files=[folder]), assets={"model": asset})
    assert payload["model"] == {
        "name": "small",
        "sha256": "f" * 64,
        "format": "config",
        "weights": "random",
        "weights_format": None,
        "parameters": None,
        "file_bytes": 1024,
    }
    assert payload["load"]["page_cache"] == "filled"
    assert payload["load"]["cold"] is (False if shutil.which("fincore") else None)


@pytest.fixture
def surroundings(monkeypatch):
    """Variables that a measurement changes for its process."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    for name in VARIABLES:
        monkeypatch.setenv(name, "/elsewhere")


@pytest.mark.parametrize(("start", "state"), [("warm", "kept"), ("cold", "empty")])
@pytest.mark.usefixtures("surroundings")
def test_compile_cache(tmp_path, start, state):
    assert measured(tmp_path, Remembering())["load"]["compile_cache"] == "none"
    for expected in ("empty", state):
        folder = compile_cache_folder(request(tmp_path, start=start))
        payload = measured(tmp_path, Remembering(compile_cache=folder), start=start)
        assert payload["load"]["compile_cache"] == expected
        (folder / "kernel").mkdir(exist_ok=True)
        (folder / "kernel/code.so").write_bytes(b"1")
    if start == "warm":
        other = compile_cache_folder(request(tmp_path, threads=2))
        payload = measured(tmp_path, Remembering(compile_cache=other), threads=2)
        assert payload["load"]["compile_cache"] == "empty"


MODEL = {"name": "small", "path": "/one", "sha256": "f" * 64, "bytes": 1, "licence": None}


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"seed": 2, "energy": {"window_s": 10}, "measure": {**MEASURE, "iterations": 9}}, True),
        ({"model": "/other", "assets": {"model": {**MODEL, "path": "/other"}}}, True),
        ({"assets": {"model": {**MODEL, "sha256": "0" * 64}}}, False),
        ({"compute_dtype": "bfloat16"}, False),
        ({"batch_size": 3}, False),
        ({"workloads": [{"new_tokens": 5}]}, False),
    ],
)
def test_what_is_compiled_for_one_configuration_serves_no_other(tmp_path, changes, same):
    def folder(**changes):
        return compile_cache_folder(request(tmp_path, **{"assets": {"model": MODEL}, **changes}))

    assert (folder() == folder(**changes)) is same


@pytest.mark.usefixtures("surroundings")
def test_compilers_write_where_their_cache_is(tmp_path):
    class Compiling(Remembering):
        def import_modules(self):
            self.places = [Path(os.environ[name]) for name in VARIABLES]
            with tempfile.NamedTemporaryFile() as file:
                self.places.append(Path(file.name))

    engine = Compiling(compile_cache=compile_cache_folder(request(tmp_path)))
    measured(tmp_path, engine)
    assert len(engine.places) == len(VARIABLES) + 1
    assert all(place.is_relative_to(engine.compile_cache) for place in engine.places)


def test_python_collects_before_timed_calls_and_not_within(tmp_path):
    class Littering(Remembering):
        def __init__(self):
            super().__init__()
            self.seen = []

        def generate(self, prompts, new_tokens):
            self.look()
            return super().generate(prompts, new_tokens)

        def prefill(self, prompts):
            self.look()
            return super().prefill(prompts)

        def look(self):
            left = [cycle for cycle in self.cycles if cycle() is not None] if self.seen else []
            self.seen.append((gc.isenabled(), len(left)))
            self.cycles = [weakref.ref(Cycle())]

    engine = Littering()
    measured(tmp_path, engine)
    first, timed, memory = engine.seen[:1], engine.seen[1:9], engine.seen[9:]
    assert timed == [(False, 0)] * 8  # warming up, measuring, prefilling
    assert [enabled for enabled, _ in first + memory] == [True] * 3
    assert gc.isenabled()


class Cycle:
    def __init__(self):
        self.myself = self


def test_an_engine_that_cannot_read_text(tmp_path):
    class Deaf(Remembering):
        encode = Remembering.__mro__[1].encode

    (tmp_path / "prompts.txt").write_text("1 2 3 4 5 6 7 8\n")
    with pytest.raises(Unsupported, match="can't read prompts from a file"):
        measured(tmp_path, Deaf(), prompts=str(tmp_path / "prompts.txt"))


def test_prompts_made_ahead_are_the_same_ones():
    made = []

    def prompts(workload, name, iteration):
        made.append((name, iteration))
        return [[iteration]] * workload.batch_size

    engine = Remembering()
    passes = Passes(engine, prompts, Workload(0, 1, 1, 4))
    passes.prepare("energy", 2)
    assert made == [("energy", 0), ("energy", 1)]
    for iteration in range(3):
        passes.call("energy", iteration)
    assert made[2:] == [("energy", 2)]
    assert engine.prompts == [[0], [1], [2]]


def test_how_many_prompts_are_made_ahead():
    def calls(*durations_s):
        return [Call(0, elapsed_s, [1], Generated([[0]], [1])) for elapsed_s in durations_s]

    assert calls_within(10, calls(3, 4)) == 4
    assert calls_within(10, calls(0.000001)) == MOST_PREPARED
    assert calls_within(10, calls(0)) == MOST_PREPARED
