"""Memory and the page cache of this very machine."""

import os
import shutil
import subprocess
import sys

import pytest
from kit_engine import Remembering, measured

from nx_study_inference.pages import prepare_pages, resident_share
from nx_study_inference.processes import process_tree, proportional_bytes, reset_peaks, resident_bytes

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
needs_fincore = pytest.mark.skipif(shutil.which("fincore") is None, reason="looks with fincore")
MIB = 1 << 20


@linux_only
def test_peak_of_the_memory_pass_only(tmp_path):
    class Greedy(Remembering):
        def read_model(self):
            self.peak_of_loading = len(bytearray(300 * MIB))  # gone again at once

        def generate(self, prompts, new_tokens):
            held = bytearray(80 * MIB)
            held[::4096] = b"1" * len(held[::4096])
            return super().generate(prompts, new_tokens)

        def memory_peaks(self):
            return {"kv_cache_bytes": 123, "torch_reserved_peak_bytes": "no torch here"}

    payload = measured(tmp_path, Greedy())
    memory = payload["workloads"][0]["memory"]
    grown = memory["rss_peak_bytes"] - memory["rss_before_bytes"]
    assert 60 * MIB < grown < 200 * MIB
    assert 0 < memory["pss_peak_bytes"] <= memory["rss_peak_bytes"]
    assert memory["kv_cache_bytes"] == 123
    assert payload["reasons"]["workloads.0.memory.torch_reserved_peak_bytes"] == "no torch here"
    assert memory["sample_period_s"] is None
    assert payload["load"]["rss_peak_bytes"] - memory["rss_before_bytes"] > 250 * MIB


@linux_only
def test_memory_of_the_whole_tree():
    command = "held = bytearray(b'1') * (100 << 20); print('ready', flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        alone = resident_bytes("VmRSS")
        child.stdout.readline()
        assert process_tree() == [os.getpid(), child.pid]
        assert resident_bytes("VmRSS") - alone > 80 * MIB
        assert reset_peaks()
        assert abs(resident_bytes("VmHWM") - resident_bytes("VmRSS")) < 20 * MIB
        child.communicate("\n")
    assert process_tree() == [os.getpid()]


SHARING = """
import mmap, os, sys
held = mmap.mmap(-1, 100 << 20)
held.write(b"1" * len(held))
if os.fork():
    os.wait()
else:
    sum(held[::4096])
    print("ready", flush=True)
    input()
"""


@linux_only
def test_a_page_that_two_processes_share_counts_once():
    alone, proportional = resident_bytes("VmRSS"), proportional_bytes()
    command = [sys.executable, "-c", SHARING]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with child:
        child.stdout.readline()
        assert resident_bytes("VmRSS") - alone > 200 * MIB
        # The share of libraries shrinks when another program maps them too, so not exactly 100 MiB.
        assert 80 * MIB < proportional_bytes() - proportional < 150 * MIB
        child.communicate("\n")


@linux_only
@needs_fincore
def test_cold_and_warm(tmp_path):
    (tmp_path / "model").mkdir()
    files = [tmp_path / "model/one.bin", tmp_path / "model/two.bin"]
    for file in files:
        file.write_bytes(os.urandom(5 * MIB + 1))
    cold = prepare_pages("cold", [tmp_path / "model"])
    assert (cold.page_cache, cold.cold, cold.reason) == ("evicted", True, None)
    assert resident_share(files) < 0.01
    warm = prepare_pages("warm", [tmp_path / "model"])
    assert (warm.page_cache, warm.cold) == ("filled", False)
    assert resident_share(files) > 0.99


@linux_only
@needs_fincore
def test_a_file_in_use_stays_and_that_is_told(tmp_path):
    import mmap

    file = tmp_path / "model.bin"
    file.write_bytes(os.urandom(5 * MIB))
    with open(file, "rb") as opened, mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        assert sum(mapped[::4096]) > 0  # pages that are mapped can't be dropped
        pages = prepare_pages("cold", [file])
    assert (pages.page_cache, pages.cold) == ("evicted", None)
    assert pages.reason.endswith("stayed in the page cache")


@linux_only
def test_a_file_that_did_not_stay_is_not_called_warm(tmp_path, monkeypatch):
    (tmp_path / "model.bin").write_bytes(b"1" * MIB)
    # No page can be kept out of the cache on purpose, so what fincore says is made up.
    fincore = tmp_path / "fincore"
    fincore.write_text(f"#!/bin/sh\necho {MIB // 4}\n")
    fincore.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    warm = prepare_pages("warm", [tmp_path / "model.bin"])
    assert (warm.page_cache, warm.cold) == ("filled", None)
    assert warm.reason == "only 25.0 % of the files are in the page cache"


def test_nothing_to_look_with(tmp_path, monkeypatch):
    (tmp_path / "model.bin").write_bytes(b"1")
    monkeypatch.setenv("PATH", str(tmp_path))
    for start in ("cold", "warm"):
        assert prepare_pages(start, [tmp_path / "model.bin"]).cold is None
    warm = prepare_pages("warm", [tmp_path / "model.bin"])
    assert (warm.page_cache, warm.reason[:7]) == ("filled", "fincore")
    assert prepare_pages("cold", []).page_cache == "not-local"
