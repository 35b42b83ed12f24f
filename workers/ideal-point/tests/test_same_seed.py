import hashlib

import pytest
import xarray as xr
from conftest import run_worker, senate, write_request

SMALL = {"tune": 200, "draws": 200, "sample": {"rollcalls": 30, "seed": 1}}


def draws_digest(directory):
    """A hash of every draw's bits; the file itself carries a time."""
    with xr.open_datatree(directory / "draws.nc", engine="h5netcdf") as tree:
        posterior = tree["posterior"].to_dataset().load()
    digest = hashlib.sha256()
    for name in sorted(posterior.data_vars):
        digest.update(posterior[name].values.tobytes())
    return digest.hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("adaptation", ["diag", "low_rank"])
def test_same_seed_same_bits(tmp_path, adaptation):
    """Cold and warm compile cache, one CPU and two, other thread counts: never another draw."""
    flags = f"base_compiledir={tmp_path / 'cache'},numba__fastmath=False"
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
    digests = {}
    for name, seed, cpus, more in [
        ("cold", 3, 2, {}),
        ("warm", 3, 2, {}),
        ("alone", 3, 1, threads),
        ("other", 4, 2, {}),
    ]:
        if adaptation == "low_rank" and name == "warm":
            continue
        directory = write_request(tmp_path / name, senate(**SMALL, adaptation=adaptation), seed, cpus)
        digests[name] = draws_digest(run_worker(directory, PYTENSOR_FLAGS=flags, **more))
    other = digests.pop("other")
    assert len(set(digests.values())) == 1, digests
    assert other not in digests.values()
