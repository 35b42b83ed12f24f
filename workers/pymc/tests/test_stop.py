"""A real process that is told to stop while it samples keeps what it has."""

import signal
import time

import pytest
import xarray as xr
from conftest import normal_model, read_events, read_json, run_worker, start_worker, write_request


def wait_for_draws(directory, process, draws):
    deadline = time.monotonic() + 120
    events = directory / "events.jsonl"
    while time.monotonic() < deadline and process.poll() is None:
        if events.exists() and any(event.get("done", 0) > draws for event in read_events(directory)):
            return
        time.sleep(0.05)
    pytest.fail((directory / "worker.log").read_text())


@pytest.mark.slow
@pytest.mark.parametrize(
    "sampler",
    ["nutpie", "numpyro", *(pytest.param(name, marks=pytest.mark.long) for name in ("pymc", "blackjax"))],
)
def test_stopped_while_sampling_keeps_whole_chains(tmp_path, sampler):
    endless = {"sampler": sampler, "tune": 200, "draws": 1_000_000, "chains": 2}
    directory = write_request(tmp_path / "run", {**normal_model(tmp_path / "models"), **endless})
    process = start_worker(directory)
    # Both chains run at once, so that at least half of these are one chain's, most of them after tuning.
    wait_for_draws(directory, process, 1500)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=120) == 143, (directory / "worker.log").read_text()

    result = read_json(directory / "result.json")
    assert result["partial"] is True
    kept = result["payload"]["sampler"]["kept"]
    with xr.open_datatree(directory / "draws.nc", engine="h5netcdf") as tree:
        posterior = tree["posterior"]
        assert dict(posterior.sizes) == {"chain": kept["chains"], "draw": kept["draws"], "row": 5}
        assert int(posterior["mean"].isnull().sum()) == 0
        assert int(tree["quantities"]["twice"].isnull().sum()) == 0
    # Cut to the shortest; PyMC leaves out chains instead, where that keeps more draws.
    longer = [length for length in kept["lengths"] if length >= kept["draws"]]
    assert 0 < kept["draws"] == min(longer) < 1_000_000
    assert len(longer) == kept["chains"]
    assert sampler == "pymc" or kept["chains"] == sum(length > 0 for length in kept["lengths"])
    run_worker(directory, "derive", tmp_path / "derived.json")
    derived = read_json(tmp_path / "derived.json")
    assert derived["draws_kept"] == {"chains": kept["chains"], "draws": kept["draws"]}
    assert derived["estimates"]["twice"]["mean"] == pytest.approx(3.6, abs=0.5)
