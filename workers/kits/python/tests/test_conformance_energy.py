"""The cases of energy that every kit must decide alike."""

from kit_cases import cases, near

from nx_study_inference.counters import Counter, Reading, energy_of
from nx_study_inference.energy import Idle, energy_pass
from nx_study_inference.rapl import rapl_counters
from nx_study_inference.sources import Sources


@cases("energy.json")
def test_energy(case):
    reading, expect = energy_of(case["readings_uj"], case["range_uj"]), case["expect"]
    assert reading.joules == near(expect["joules"])
    assert (reading.reason, reading.samples) == (expect["reason"], expect["samples"])


@cases("energy.json", "windows")
def test_window(case):
    calls, now_s = case["calls"], 0.0

    def call(iteration):
        nonlocal now_s
        one = calls[min(iteration, len(calls) - 1)]
        now_s += one["seconds"]
        return one["output_tokens"], one["prompt_tokens"]

    idle = Idle(
        case["idle"]["window_s"],
        {name: Reading(**reading) for name, reading in case["idle"]["energy"].items()},
    )
    sources = Sources([replayed(**counter) for counter in case["counters"]], case["missing"])
    energy = energy_pass(call, sources, idle, case["window_s"], lambda: now_s)
    expect = case["expect"]
    if energy["status"] == "measured":
        energy["missing"] = {name: reason.partition(":")[0] for name, reason in energy["missing"].items()}
        for domain in expect["domains"]:
            domain["joules"] = near(domain["joules"])
    assert energy == expect


def replayed(name, source, scope, range_uj, readings_uj):
    """A counter that can't be read any more after its readings."""
    left = iter(readings_uj)

    def read():
        value = next(left, None)
        if value is None:
            raise OSError("gone")
        return value

    return Counter(name, source, scope, read, range_uj)


@cases("energy.json", "zones")
def test_zones(case, tmp_path):
    for zone, files in case["zones"].items():
        (tmp_path / zone).mkdir()
        for file, text in files.items():
            (tmp_path / zone / file).write_text(f"{text}\n")
    counters, reason = rapl_counters(tmp_path)
    found = [
        {"name": c.name, "scope": c.scope, "reading_uj": c.read(), "range_uj": c.range_uj} for c in counters
    ]
    short = reason if reason is None else reason.partition(":")[0]
    assert {"counters": found, "reason": short} == case["expect"]
    assert all(counter.source == "rapl" for counter in counters)
