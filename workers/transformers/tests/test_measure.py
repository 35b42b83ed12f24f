import json
import shutil

import pytest
from conftest import read_events, request_for, run_worker


def test_two_workloads_share_a_load(tmp_path, assets_dir, tiny):
    request = request_for(tmp_path, assets_dir=assets_dir, workloads=[{}, {"batch_size": 2, "new_tokens": 4}])
    folder = tmp_path / "run"
    assert run_worker(request, folder) == 0, (folder / "worker.log").read_text()
    payload = json.loads((folder / "result.json").read_text())["payload"]

    assert payload["engine"]["name"] == "transformers"
    assert payload["model"] == tiny.description
    assert {workload["order"] for workload in payload["workloads"]} == {0, 1}
    for workload, (batch, new) in zip(payload["workloads"], [(1, 6), (2, 4)], strict=True):
        assert len(workload["generate"]) == len(workload["prefill"]) == 3
        for call in workload["generate"]:
            assert call["prompt_tokens"] == [12] * batch
            assert call["new_tokens"] == [new] * batch
            assert [len(times) for times in call["token_times_s"]] == [new]
    asked, effective = payload["settings"]["asked"], payload["settings"]["effective"]
    assert {name: asked[name] for name in effective} == effective
    assert effective["threads"] == 2
    assert payload["load"]["compile_cache"] == "none"
    assert payload["load"]["cold"] is (False if shutil.which("fincore") else None)
    assert not list((tmp_path / "cache").glob("*"))


def test_a_refusal_comes_before_the_import(tmp_path):
    request = request_for(tmp_path, attention="flash_attention_2", device="auto")
    assert run_worker(request, tmp_path / "run") == 1
    (event,) = read_events(tmp_path / "run")
    assert (event["event"], event["type"]) == ("failure", "unsupported")
    assert event["message"].startswith("attention: flash_attention_2")


@pytest.mark.usefixtures("tiny")
def test_a_synthetic_model_can_not_read_text(tmp_path, assets_dir):
    (tmp_path / "prompts.txt").write_text("Once upon a time\n")
    request = request_for(tmp_path, assets_dir=assets_dir, prompts=str(tmp_path / "prompts.txt"))
    assert run_worker(request, tmp_path / "run") == 1
    failure = read_events(tmp_path / "run")[-1]
    assert failure["type"] == "unsupported"
    assert "has no tokenizer" in failure["message"]


@pytest.mark.slow
@pytest.mark.usefixtures("tiny")
def test_what_is_compiled_is_kept_and_nothing_is_left_elsewhere(tmp_path, assets_dir, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    request = request_for(tmp_path, assets_dir=assets_dir, compile=True, cache="static")
    for state in ("empty", "kept"):
        folder = tmp_path / state
        assert run_worker(request, folder) == 0, (folder / "worker.log").read_text()
        assert json.loads((folder / "result.json").read_text())["payload"]["load"]["compile_cache"] == state
    assert not list((tmp_path / "temporary").iterdir())
    assert list((tmp_path / "cache").rglob("precompiled_headers"))
