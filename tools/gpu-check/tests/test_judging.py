"""Readings as NVML gives them: µJ that grow by steps, W, bits of throttle reasons."""

import copy

import pytest

from gpu_check.judging import (
    MIB,
    Sample,
    judge_baseline,
    judge_energy,
    judge_payload,
    judge_throttling,
)

LIMIT_W = 700.0


def samples_of(*, seconds=12, watts=300.0, power_w=310.0, reasons=0, start_uj=8_412_339_000_000):
    """Two readings a second of a GPU that draws so much."""
    return [
        Sample(100 + step / 2, start_uj + round(step * watts * 5e5), power_w, reasons)
        for step in range(2 * seconds + 1)
    ]


def test_energy_that_agrees_with_power():
    judgement = judge_energy(samples_of(), LIMIT_W)
    assert (judgement.state, judgement.detail) == (
        "held",
        "300.0 W over 12.0 s; readings of power: 310.0 W",
    )
    unread = judge_energy(samples_of(power_w=None), None)
    assert (unread.state, unread.detail) == (
        "held",
        "300.0 W over 12.0 s; the driver gives no power to compare it with",
    )


@pytest.mark.parametrize(
    ("samples", "detail"),
    [
        ([], "no energy counter"),
        ([Sample(1, None, 300.0, 0), Sample(20, None, 300.0, 0)], "no energy counter"),
        (samples_of(seconds=9), "a window of 9.0 s, 10 are needed"),
        (samples_of(watts=0), "did not move"),
        (samples_of(watts=-1), "ran backwards"),
        (samples_of(watts=800, power_w=800), "above the power limit of 700 W"),
        (samples_of(watts=300, power_w=420), "readings of power were 420.0 W"),
        # In mJ where µJ were meant.
        (samples_of(watts=0.3), "readings of power were 310.0 W"),
    ],
)
def test_energy_that_is_not_to_be_trusted(samples, detail):
    judgement = judge_energy(samples, LIMIT_W)
    assert judgement.state == "failed"
    assert detail in judgement.detail


def test_power_is_the_mean_over_time_and_not_over_readings():
    # 100 W for 10 s with one reading a second, then 300 W for 2 s with ten.
    sparse = [Sample(at, round(at * 100e6), 100.0, 0) for at in range(11)]
    dense = [Sample(10 + at / 10, round(1e9 + at * 30e6), 300.0, 0) for at in range(1, 21)]
    judgement = judge_energy([*sparse, *dense], None)
    assert judgement.state == "held"
    assert judgement.detail.startswith("133.3 W over 12.0 s")


def test_throttling():
    none = judge_throttling([Sample(0, None, None, 0x1), Sample(1, None, None, 0x4)])
    assert (none.state, none.detail) == ("held", "none in 2 readings; at the power limit in 50% of them")
    hot = judge_throttling([Sample(0, None, None, 0), Sample(1, None, None, 0x20 | 0x8)])
    assert (hot.state, hot.detail) == (
        "failed",
        "slowed down by the hardware, too hot (driver), in 2 readings",
    )
    assert judge_throttling([Sample(0, None, None, None)]).state == "not run"


def test_memory_given_back():
    held = judge_baseline(600 * MIB, 640 * MIB, 2)
    assert (held.state, held.detail) == ("held", "600 MiB before, 640 MiB after 2 s")
    assert judge_baseline(600 * MIB, 5000 * MIB, 30).state == "failed"
    assert judge_baseline(None, 600 * MIB, 0).state == "failed"


PAYLOAD = {
    "settings": {"effective": {"device": "cuda"}},
    "reasons": {},
    "workloads": [
        {
            "new_tokens": 3,
            "generate": [{"new_tokens": [3, 3], "token_times_s": [[0.1, 0.11, 0.12]]}],
            "memory": {
                "process_vram_peak_bytes": 900 * MIB,
                "device_vram_peak_bytes": 1500 * MIB,
                "torch_allocated_peak_bytes": 300 * MIB,
            },
            "energy": {
                "status": "measured",
                "window_s": 10.0,
                "domains": [
                    {"source": "nvml-counter", "joules": 3000.0, "idle_w": 75.5},
                    {"source": "rapl", "joules": 900.0, "idle_w": 60.0},
                ],
                "idle": {"reason": None},
            },
        }
    ],
}


def changed(change):
    payload = copy.deepcopy(PAYLOAD)
    change(payload["workloads"][0], payload)
    return payload


def test_a_worker_that_ran_on_the_gpu():
    judgements = judge_payload("transformers", PAYLOAD)
    assert [(one.name, one.state, one.detail) for one in judgements] == [
        ("transformers: device", "held", "it ran on cuda"),
        ("transformers: tokens", "held", "1 calls of 2 × 3 tokens"),
        ("transformers: memory", "held", "900 MiB of its processes, 300 MiB of them tensors"),
        ("transformers: energy", "held", "300.0 W while generating, 75.5 W idle"),
    ]


@pytest.mark.parametrize(
    ("name", "change", "detail"),
    [
        ("device", lambda _, whole: whole["settings"]["effective"].update(device="cpu"), "ran on cpu"),
        ("tokens", lambda row, _: row["generate"][0].update(new_tokens=[3, 2]), "not all sequences"),
        ("tokens", lambda row, _: row["generate"][0].update(token_times_s=[[0.1]]), "not every token"),
        ("tokens", lambda row, _: row["generate"][0].update(token_times_s=[[0.1] * 3]), "took no time"),
        (
            "memory",
            lambda row, whole: (
                row["memory"].update(device_vram_peak_bytes=None),
                whole["reasons"].update({"workloads.0.memory.device_vram_peak_bytes": "NVML: gone"}),
            ),
            "NVML: gone",
        ),
        ("memory", lambda row, _: row["memory"].update(torch_allocated_peak_bytes=None), "no torch"),
        (
            "memory",
            lambda row, _: row["memory"].update(
                process_vram_peak_bytes=None, device_vram_peak_bytes=200 * MIB
            ),
            "another GPU",
        ),
        ("memory", lambda row, _: row["memory"].update(process_vram_peak_bytes=MIB), "another GPU"),
        (
            "memory",
            lambda row, _: row["memory"].update(device_vram_peak_bytes=800 * MIB),
            "more than the whole GPU",
        ),
        (
            "energy",
            lambda row, _: row.update(energy={"status": "unavailable", "reason": "nvml_missing"}),
            "nvml_missing",
        ),
        ("energy", lambda row, _: row["energy"]["domains"].pop(0), "not of the GPU"),
        ("energy", lambda row, _: row["energy"]["domains"][0].update(idle_w=400.0), "400.0 W idle"),
        ("energy", lambda row, _: row["energy"]["domains"][0].update(idle_w=None), "without idle power"),
    ],
)
def test_a_worker_that_did_not(name, change, detail):
    failed = [one for one in judge_payload("vllm", changed(change)) if one.state == "failed"]
    assert [one.name for one in failed] == [f"vllm: {name}"]
    assert detail in failed[0].detail


def test_a_driver_that_lists_no_process_of_ours_as_in_a_container():
    def hide(row, whole):
        row["memory"].update(process_vram_peak_bytes=None)
        whole["reasons"].update({"workloads.0.memory.process_vram_peak_bytes": "not by process here"})

    judgements = judge_payload("vllm", changed(hide))
    assert [one.state for one in judgements] == ["held", "held", "not run", "held"]
    assert judgements[2].detail == (
        "no process_vram_peak_bytes: not by process here; 1500 MiB in use on the GPU, 300 MiB of them tensors"
    )
