"""Energy from files that look like Linux's, and from a library that looks like NVIDIA's."""

import os
import threading
import time
from dataclasses import replace
from itertools import count

import pytest
from kit_cases import fake_nvml
from kit_engine import MEASURE, Remembering, measured

from nx_study_inference.counters import Counter, Window
from nx_study_inference.device_memory import DeviceMemory
from nx_study_inference.energy import Idle, energy_pass, idle_energy
from nx_study_inference.nvml import Nvml, NvmlError
from nx_study_inference.rapl import rapl_counters
from nx_study_inference.sources import Sources, find_sources

NOWHERE = "libof-no-driver.so"


@pytest.fixture(scope="session")
def nvml_library(tmp_path_factory):
    return fake_nvml(tmp_path_factory.mktemp("nvml"))


def zone(powercap, folder, name, energy_uj, range_uj=262143328850):
    path = powercap / folder
    path.mkdir(parents=True)
    (path / "name").write_text(f"{name}\n")
    (path / "energy_uj").write_text(f"{energy_uj}\n")
    (path / "max_energy_range_uj").write_text(f"{range_uj}\n")
    return path / "energy_uj"


def as_nobody(action):
    """Root may read everything."""
    if os.geteuid() != 0:
        return action()
    os.seteuid(65534)
    try:
        return action()
    finally:
        os.seteuid(0)


def test_rapl_for_root_only(tmp_path):
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder.stat().st_uid == os.geteuid() and folder.name.startswith(("pytest", "test")):
            folder.chmod(0o755)
    zone(tmp_path, "intel-rapl:0", "package-0", 100).chmod(0o400 if os.geteuid() == 0 else 0)
    assert as_nobody(lambda: rapl_counters(tmp_path)) == ([], "rapl_permission_denied")
    assert as_nobody(lambda: find_sources([], tmp_path).reason) == "rapl_permission_denied"


def test_no_source_at_all(tmp_path):
    sources = find_sources([], tmp_path / "none", NOWHERE)
    assert (sources.counters, sources.reason) == ([], "no_gpu_no_rapl")
    assert find_sources([0], tmp_path / "none", NOWHERE).reason == "nvml_missing"
    zone(tmp_path, "intel-rapl:0", "package-0", "no number")
    assert find_sources([], tmp_path).reason.startswith("rapl_unreadable: ")


def counter(name, readings, range_uj=None):
    values = iter(readings)

    def read():
        value = next(values, None)
        if value is None:
            raise OSError("gone")
        return value

    return Counter(name, "rapl", "package", read, range_uj)


def ticking(step_s):
    ticks = count()
    return lambda: next(ticks) * step_s


def run_energy_pass(counters, idle=None, window_s=10, step_s=4, missing=None):
    sources = Sources(counters, missing or {})
    return energy_pass(lambda _: (8, 20), sources, idle or Idle(), window_s, ticking(step_s))


def test_energy_and_tokens_of_the_same_window():
    steps = [0, 100, 230, 350]  # three calls of 4 s fill 10 s
    result = run_energy_pass(
        [counter("package-0", [1_000_000 * step for step in steps])], missing={"nvml-counter": "nvml_missing"}
    )
    assert result == {
        "status": "measured",
        "window_s": 12,
        "window_output_tokens": 24,
        "window_prompt_tokens": 60,
        "domains": [
            {
                "name": "package-0",
                "source": "rapl",
                "scope": "package",
                "joules": 350,
                "samples": 4,
                "idle_w": None,
            }
        ],
        "idle": {
            "method": "this process, model loaded, asleep before the first call",
            "window_s": 0,
            "reason": None,
        },
        "missing": {"nvml-counter": "nvml_missing"},
    }


def test_every_wrap_within_one_long_call_and_only_what_wraps(tmp_path):
    file = zone(tmp_path, "intel-rapl:0", "package-0", 900, 1000)
    [rapl], _ = rapl_counters(tmp_path)
    looks = count()
    seen = 0

    def read():
        nonlocal seen
        value = rapl.read()
        seen = next(looks)
        return value

    def call(_):
        for energy_uj in (300, 700, 100, 500, 900):
            file.with_suffix(".new").write_text(str(energy_uj))
            file.with_suffix(".new").replace(file)
            # The look under way may have read the value before.
            before, deadline = seen, time.monotonic() + 20
            while seen < before + 2 and time.monotonic() < deadline:
                time.sleep(0.001)
        return 1, 1

    counters = [replace(rapl, read=read), counter("gpu0", [0, 5_000_000])]
    threads = threading.active_count()
    result = energy_pass(call, Sources(counters), Idle(), 10, ticking(12), 0.001)
    assert threading.active_count() == threads
    package, gpu = result["domains"]
    assert package["joules"] == pytest.approx(2000e-6)
    assert (gpu["joules"], gpu["samples"]) == (5, 2)


def test_a_counter_that_fails_leaves_the_others():
    result = run_energy_pass(
        [counter("package-0", [9, 5, 6, 7]), counter("dram-0", [0, 1, 2, 3]), counter("core-0", [0, 1])]
    )
    assert [domain["name"] for domain in result["domains"]] == ["dram-0"]
    assert result["missing"]["package-0"] == "counter_reset"
    assert result["missing"]["core-0"].startswith("counter_unreadable")


@pytest.mark.parametrize(
    ("readings", "reason"), [([9, 5, 6, 7], "counter_reset"), ([5, 5, 5, 5], "counter_did_not_move")]
)
def test_no_counter_is_left(readings, reason):
    result = run_energy_pass([counter("package-0", readings)])
    assert result == {"status": "unavailable", "reason": reason}


def test_a_window_that_is_too_short():
    result = run_energy_pass([counter("package-0", count())], window_s=3)
    assert result == {"status": "unavailable", "reason": "window_too_short"}


def test_idle_power_and_its_absence():
    counters = [counter("package-0", count(step=1000)), counter("dram-0", [5] * 100)]
    idle = idle_energy(Sources(counters), 0.05)
    assert idle.power_w("package-0") == pytest.approx(
        idle.energy["package-0"].joules / idle.window_s, rel=1e-9
    )
    assert idle.power_w("dram-0") is None
    counters = [counter("package-0", count(step=1000)), counter("dram-0", count())]
    result = run_energy_pass(counters, idle)
    assert result["idle"]["reason"] == "dram-0: counter_did_not_move"
    assert [domain["idle_w"] is None for domain in result["domains"]] == [False, True]


def test_a_window_reads_every_counter_each_time():
    window = Window([counter("a", [1, 4, 9]), counter("b", [10, 20, 30])])
    for _ in range(3):
        window.sample()
    assert {name: (r.joules, r.samples) for name, r in window.energy().items()} == {
        "a": (8e-6, 3),
        "b": (20e-6, 3),
    }


def test_nvml_devices(nvml_library, monkeypatch):
    nvml = Nvml(nvml_library)
    first = nvml.device(0)
    before = first.energy_uj()
    time.sleep(0.05)
    assert 0 < first.energy_uj() - before < 100e6 * 60  # 100 W
    assert nvml.device("GPU-one").used_bytes() == 2 << 30
    assert first.process_bytes([os.getpid()]) == 3 << 30
    assert first.process_bytes([1]) is None
    assert first.process_bytes([4_000_000_000]) is None  # its memory is not told
    with pytest.raises(NvmlError, match="nvmlDeviceGetTotalEnergyConsumption returned 3"):
        nvml.device(1).energy_uj()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-one, 0")
    assert nvml.device(0).used_bytes() == 2 << 30
    assert nvml.device(1).used_bytes() == 1 << 30
    with pytest.raises(NvmlError):
        nvml.device(2)


def test_nvml_sources(nvml_library, tmp_path, monkeypatch):
    sources = find_sources([0], tmp_path, nvml_library)
    assert [(c.name, c.source, c.scope) for c in sources.counters] == [("gpu0", "nvml-counter", "device")]
    assert sources.missing == {"rapl": "no_rapl"}
    assert find_sources([0, 1], tmp_path, nvml_library).reason.startswith("nvml_not_supported")
    monkeypatch.setenv("FAKE_NVML_BROKEN", "1")
    assert find_sources([0], tmp_path, nvml_library).reason == "nvml_missing"


def test_device_memory(nvml_library):
    memory = DeviceMemory([0, 1], nvml_library)
    assert memory.reason is None
    assert memory.used_bytes() == 3 << 30
    with memory.peaks() as peaks:
        pass
    assert (peaks.device_vram, peaks.process_vram) == (3 << 30, None)  # one GPU has no list of processes
    with DeviceMemory([0], nvml_library).peaks() as peaks:
        pass
    assert (peaks.device_vram, peaks.process_vram) == (1 << 30, 3 << 30)
    assert DeviceMemory([], nvml_library).reason == "no GPU in use"
    assert DeviceMemory([5], nvml_library).reason.startswith("NVML: ")
    assert DeviceMemory([0], NOWHERE).used_bytes() is None


def test_device_memory_that_can_no_longer_be_seen(nvml_library, monkeypatch):
    memory = DeviceMemory([0], nvml_library)
    with memory.peaks() as peaks:
        monkeypatch.setenv("FAKE_NVML_LOST", "1")
        deadline = time.monotonic() + 60
        while memory.reason is None and time.monotonic() < deadline:
            time.sleep(0.005)
        monkeypatch.delenv("FAKE_NVML_LOST")
    assert memory.reason == "NVML: nvmlDeviceGetMemoryInfo returned 15"
    assert (peaks.device_vram, peaks.process_vram) == (None, None)
    assert memory.used_bytes() is None


@pytest.mark.slow
def test_a_whole_measurement_with_counters(tmp_path):
    file = zone(tmp_path, "intel-rapl:0", "package-0", 262143000000)
    over = threading.Event()

    def draw_50_w():
        start = time.monotonic()
        while not over.wait(0.01):
            uj = (262143000000 + int(50e6 * (time.monotonic() - start))) % 262143328850
            file.with_suffix(".new").write_text(str(uj))
            file.with_suffix(".new").replace(file)

    class Calm(Remembering):
        def generate(self, prompts, new_tokens):
            time.sleep(0.5)
            return super().generate(prompts, new_tokens)

    thread = threading.Thread(target=draw_50_w)
    thread.start()
    try:
        payload = measured(
            tmp_path,
            Calm(),
            powercap=tmp_path,
            energy={"window_s": 10},
            measure={**MEASURE, "iterations": 1},
        )
    finally:
        over.set()
        thread.join()
    energy = payload["workloads"][0]["energy"]
    assert energy["status"] == "measured"
    [domain] = energy["domains"]
    assert domain["joules"] / energy["window_s"] == pytest.approx(50, rel=0.05)
    assert domain["idle_w"] == pytest.approx(50, rel=0.05)
    assert energy["window_output_tokens"] % 8 == 0
    assert domain["samples"] >= 10
    assert energy["window_s"] >= 10
    assert energy["idle"]["window_s"] >= 10
