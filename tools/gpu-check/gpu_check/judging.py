"""Whether readings of a GPU are as they should be. Pure: readings in, judgements out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

State = Literal["held", "failed", "not run"]

MIB = 2**20
SHORTEST_WINDOW_S = 10
# The counter and the power readings are of different filters inside the GPU. Chosen, not measured.
AGREEMENT = 0.2
# A short peak above the limit is normal; the mean of ten seconds is not above it.
ABOVE_LIMIT = 1.1
# A context of its own that something else opened meanwhile takes more. Chosen, not measured.
LEFT_BYTES = 64 * MIB

# nvml.h: nvmlClocksThrottleReason*
POWER_CAP = 0x4
SLOWED = {
    0x8: "slowed down by the hardware",
    0x20: "too hot (driver)",
    0x40: "too hot (hardware)",
    0x80: "power brake",
}


@dataclass(frozen=True)
class Judgement:
    """One line of the table."""

    name: str
    state: State
    detail: str


@dataclass(frozen=True)
class Sample:
    """One reading of a GPU; None is what the driver doesn't tell."""

    at_s: float
    energy_uj: int | None
    power_w: float | None
    reasons: int | None


def judge_energy(samples: Sequence[Sample], limit_w: float | None) -> Judgement:
    """The counter of energy: only grows, is below the power limit, and agrees with the readings of power."""
    counted = [sample for sample in samples if sample.energy_uj is not None]
    if len(counted) < 2:
        return Judgement("energy counter", "failed", "the driver gives no energy counter for this GPU")
    first, last = counted[0], counted[-1]
    window_s = last.at_s - first.at_s
    if window_s < SHORTEST_WINDOW_S:
        return Judgement(
            "energy counter", "failed", f"a window of {window_s:.1f} s, {SHORTEST_WINDOW_S} are needed"
        )
    values = [sample.energy_uj or 0 for sample in counted]
    if any(after < before for before, after in pairwise(values)):
        return Judgement("energy counter", "failed", "it ran backwards")
    mean_w = (values[-1] - values[0]) / 1e6 / window_s
    told = f"{mean_w:.1f} W over {window_s:.1f} s"
    if mean_w <= 0:
        return Judgement("energy counter", "failed", "it did not move")
    if limit_w is not None and mean_w > ABOVE_LIMIT * limit_w:
        return Judgement("energy counter", "failed", f"{told}, above the power limit of {limit_w:.0f} W")
    power_w = _mean_power_w(samples)
    if power_w is None:
        return Judgement("energy counter", "held", f"{told}; the driver gives no power to compare it with")
    if abs(mean_w - power_w) > AGREEMENT * power_w:
        return Judgement(
            "energy counter", "failed", f"{told}, but readings of power were {power_w:.1f} W on average"
        )
    return Judgement("energy counter", "held", f"{told}; readings of power: {power_w:.1f} W")


def _mean_power_w(samples: Sequence[Sample]) -> float | None:
    """Mean over time of the readings, by trapezoids."""
    known = [(sample.at_s, sample.power_w) for sample in samples if sample.power_w is not None]
    if len(known) < 2:
        return None
    joules = sum(
        (after_s - before_s) * (before_w + after_w) / 2
        for (before_s, before_w), (after_s, after_w) in pairwise(known)
    )
    return joules / (known[-1][0] - known[0][0])


def judge_throttling(samples: Sequence[Sample]) -> Judgement:
    """Reasons for low clocks: none for heat or by the hardware."""
    masks = [sample.reasons for sample in samples if sample.reasons is not None]
    if not masks:
        return Judgement("throttling", "not run", "the driver gives no reasons for the clocks")
    found = [text for bit, text in SLOWED.items() if any(mask & bit for mask in masks)]
    capped = sum(1 for mask in masks if mask & POWER_CAP) / len(masks)
    if found:
        return Judgement("throttling", "failed", f"{', '.join(found)}, in {len(masks)} readings")
    return Judgement(
        "throttling", "held", f"none in {len(masks)} readings; at the power limit in {capped:.0%} of them"
    )


def judge_baseline(before_bytes: int | None, after_bytes: int | None, waited_s: float) -> Judgement:
    """Memory of the GPU after everything ended, against what it was before."""
    if before_bytes is None or after_bytes is None:
        return Judgement("memory given back", "failed", "the driver does not tell the memory in use")
    more = after_bytes - before_bytes
    told = f"{before_bytes / MIB:.0f} MiB before, {after_bytes / MIB:.0f} MiB after {waited_s:.0f} s"
    return Judgement("memory given back", "held" if more <= LEFT_BYTES else "failed", told)


def judge_payload(engine: str, payload: Mapping[str, Any]) -> list[Judgement]:
    """The result of a worker that ran with energy on the GPU."""
    (workload,) = payload["workloads"]
    return [
        _device(engine, payload),
        _tokens(engine, workload),
        _memory(engine, workload["memory"], payload["reasons"]),
        _worker_energy(engine, workload["energy"]),
    ]


def _device(engine: str, payload: Mapping[str, Any]) -> Judgement:
    device = payload["settings"]["effective"].get("device")
    return Judgement(f"{engine}: device", "held" if device == "cuda" else "failed", f"it ran on {device}")


def _tokens(engine: str, workload: Mapping[str, Any]) -> Judgement:
    name, asked = f"{engine}: tokens", workload["new_tokens"]
    calls = workload["generate"]
    if any(new != asked for call in calls for new in call["new_tokens"]):
        return Judgement(name, "failed", f"not all sequences have the {asked} tokens that were asked for")
    times = [times_s for call in calls for times_s in call["token_times_s"]]
    if any(len(times_s) != asked for times_s in times):
        return Judgement(name, "failed", "not every token has a time")
    if any(after < before for times_s in times for before, after in pairwise(times_s)):
        return Judgement(name, "failed", "times of tokens run backwards")
    if any(times_s[0] <= 0 or times_s[-1] <= times_s[0] for times_s in times):
        return Judgement(name, "failed", "decoding took no time: the device was not waited for")
    return Judgement(name, "held", f"{len(calls)} calls of {len(calls[0]['new_tokens'])} × {asked} tokens")


def _memory(engine: str, memory: Mapping[str, Any], reasons: Mapping[str, str]) -> Judgement:
    name = f"{engine}: memory"

    def why(key: str) -> str:
        text = next((text for path, text in reasons.items() if path.endswith(key)), "without a reason")
        return f"no {key}: {text}"

    for key in ("device_vram_peak_bytes", "torch_allocated_peak_bytes"):
        if not memory[key]:
            return Judgement(name, "failed", why(key))
    own, allocated = memory["process_vram_peak_bytes"], memory["torch_allocated_peak_bytes"]
    whole = memory["device_vram_peak_bytes"]
    if allocated > whole:
        told = f"{allocated / MIB:.0f} MiB of tensors, {whole / MIB:.0f} MiB in use on the whole GPU"
        return Judgement(name, "failed", f"{told}: another GPU was looked at")
    if own is None:
        # A container with PIDs of its own: the driver lists those of the host.
        told = f"{whole / MIB:.0f} MiB in use on the GPU, {allocated / MIB:.0f} MiB of them tensors"
        return Judgement(name, "not run", f"{why('process_vram_peak_bytes')}; {told}")
    told = f"{own / MIB:.0f} MiB of its processes, {allocated / MIB:.0f} MiB of them tensors"
    if allocated > own:
        return Judgement(name, "failed", f"{told}: another GPU was looked at")
    if own > whole:
        return Judgement(name, "failed", f"{told}, more than the whole GPU had in use")
    return Judgement(name, "held", told)


def _worker_energy(engine: str, energy: Mapping[str, Any]) -> Judgement:
    name = f"{engine}: energy"
    if energy["status"] != "measured":
        return Judgement(name, "failed", f"not measured: {energy['reason']}")
    gpus = [domain for domain in energy["domains"] if domain["source"] == "nvml-counter"]
    if not gpus:
        return Judgement(name, "failed", "measured, but not of the GPU")
    mean_w = sum(domain["joules"] for domain in gpus) / energy["window_s"]
    if any(domain["idle_w"] is None for domain in gpus):
        return Judgement(name, "failed", f"{mean_w:.1f} W, without idle power: {energy['idle']['reason']}")
    idle_w = sum(domain["idle_w"] for domain in gpus)
    told = f"{mean_w:.1f} W while generating, {idle_w:.1f} W idle"
    return Judgement(name, "held" if 0 < idle_w <= mean_w else "failed", told)
