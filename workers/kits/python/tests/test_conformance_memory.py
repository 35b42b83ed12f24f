"""The cases of memory that every kit must decide alike."""

import time

import pytest
from kit_cases import cases, fake_nvml
from kit_engine import Remembering

from nx_study_inference import memory as memory_module
from nx_study_inference.device_memory import DeviceMemory
from nx_study_inference.memory import MemoryPass

UNKNOWN_BYTES = 2**64 - 1


class Looking(DeviceMemory):
    """Counts its looks at the devices."""

    looks = 0

    def used_bytes(self):
        self.looks += 1
        return super().used_bytes()


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    return fake_nvml(tmp_path_factory.mktemp("nvml"))


@cases("memory.json")
def test_memory(case, library, monkeypatch):
    def driver_says(moment):
        if moment == "lost":
            monkeypatch.setenv("FAKE_NVML_LOST", "1")
            return
        monkeypatch.delenv("FAKE_NVML_LOST", raising=False)
        own_bytes = UNKNOWN_BYTES if moment["own_bytes"] is None else moment["own_bytes"]
        monkeypatch.setenv("FAKE_NVML_USED", ",".join(map(str, moment["used_bytes"])))
        monkeypatch.setenv("FAKE_NVML_OWN", str(own_bytes))

    driver_says(case["before"])
    devices = Looking(case["gpus"], library)
    monkeypatch.setattr(memory_module, "DeviceMemory", lambda _: devices)
    memory_pass = MemoryPass(
        Remembering(gpus=case["gpus"], memory_peaks=lambda: case.get("engine_peaks", {}))
    )

    def call(iteration):
        driver_says(case["calls"][iteration])
        # The look under way may have seen what was before.
        before, deadline = devices.looks, time.monotonic() + 20
        while case["gpus"] and devices.looks < before + 2 and time.monotonic() < deadline:
            time.sleep(0.001)

    memory, reasons = memory_pass(call, len(case["calls"]))
    machines = {"rss_before_bytes", "rss_peak_bytes", "pss_peak_bytes"}
    assert memory.keys() == machines | case["expect"]["memory"].keys()
    assert {name: memory[name] for name in case["expect"]["memory"]} == case["expect"]["memory"]
    reasons.pop("pss_peak_bytes", None)  # a kit whose engines live in one process has none
    assert reasons == case["expect"]["reasons"]
