import os
import resource
import signal
import time

import pytest
import xarray as xr
from conftest import read_events, read_json, simulated, start_worker, write_request

from ideal_point.derive.derived import derive

ENDLESS = {"draws": 1_000_000, "tune": 300}


def wait_for(directory, process, wanted):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if (directory / "events.jsonl").exists() and any(wanted(event) for event in read_events(directory)):
            return
        time.sleep(0.05)
    pytest.fail((directory / "worker.log").read_text())


def cpu_s(pid):
    with open(f"/proc/{pid}/stat") as file:
        user, system = file.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def stop(process):
    used_before = cpu_s(process.pid)
    ended_before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process.send_signal(signal.SIGTERM)
    code = process.wait(timeout=60)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = ended.ru_utime + ended.ru_stime - ended_before.ru_utime - ended_before.ru_stime
    # In CPU time, which other programs can't make longer. Two chains sample at once.
    assert used - used_before < 4 * 2, "the supervisor kills after 4 s"
    return code


@pytest.mark.slow
def test_stopped_while_sampling_keeps_whole_chains(tmp_path):
    directory = write_request(tmp_path / "run", simulated(**ENDLESS), cpus=2)
    process = start_worker(directory)
    wait_for(directory, process, lambda event: event.get("done", 0) > 1500)
    assert stop(process) == 143

    result = read_json(directory / "result.json")
    assert result["partial"] is True
    kept = result["payload"]["sampler"]["kept"]
    assert kept["chains"] == 2, "two CPUs run two chains; the other two never began"
    assert kept["lengths"][2:] == [0, 0]
    assert kept["draws"] == min(kept["lengths"][:2]) > 100
    with xr.open_datatree(directory / "draws.nc", engine="h5netcdf") as tree:
        assert dict(tree["posterior"].sizes)["draw"] == kept["draws"]
        assert int(tree["posterior"]["xi"].isnull().sum()) == 0
    assert derive(directory / "draws.nc")["draws_kept"] == {"chains": 2, "draws": kept["draws"]}


@pytest.mark.slow
def test_stopped_while_tuning_keeps_the_tuning_draws_and_says_so(tmp_path):
    directory = write_request(tmp_path / "run", simulated(draws=1000, tune=1_000_000))
    process = start_worker(directory)
    wait_for(directory, process, lambda event: event.get("done", 0) > 100)
    assert stop(process) == 143

    result = read_json(directory / "result.json")
    assert result["partial"] is True
    assert result["payload"]["sampler"]["kept"]["draws"] == 0
    with xr.open_datatree(directory / "draws.nc", engine="h5netcdf") as tree:
        assert "posterior" not in tree.children
        assert dict(tree["warmup_posterior"].sizes)["draw"] > 10
    derived = derive(directory / "draws.nc")
    assert derived["variables"] == {}
    assert derived["reasons"] == {"variables": "stopped while tuning: no draw was kept"}


@pytest.mark.slow
def test_stopped_before_there_is_anything_to_save(tmp_path):
    directory = write_request(tmp_path / "run", simulated())
    process = start_worker(directory)
    wait_for(directory, process, lambda event: event.get("phase") == "compiling")
    assert stop(process) == -signal.SIGTERM
    assert not (directory / "result.json").exists()
