import hashlib

import pytest
import xarray as xr
from conftest import run_worker, senate, write_request

SMALL = {"tune": 100, "draws": 50, "sample": {"rollcalls": 30, "seed": 1}}
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}


def digest_of_draws(directory, seed, cpus, adaptation="diag", **environment):
    """A hash of every draw's bits; the file itself carries a time."""
    run_worker(write_request(directory, senate(**SMALL, adaptation=adaptation), seed, cpus), **environment)
    with xr.open_datatree(directory / "draws.nc", engine="h5netcdf") as tree:
        posterior = tree["posterior"].to_dataset().load()
    digest = hashlib.sha256()
    for name in sorted(posterior.data_vars):
        digest.update(posterior[name].values.tobytes())
    return digest.hexdigest()


@pytest.mark.slow
def test_same_seed_same_bits(tmp_path):
    """Cold compile cache and two CPUs, warm cache and one CPU with one thread: never another draw."""
    flags = {"PYTENSOR_FLAGS": f"base_compiledir={tmp_path / 'cache'},numba__fastmath=False"}
    cold = digest_of_draws(tmp_path / "cold", seed=3, cpus=2, **flags)
    assert digest_of_draws(tmp_path / "warm", seed=3, cpus=1, **flags, **ONE_THREAD) == cold
    assert digest_of_draws(tmp_path / "other", seed=4, cpus=2, **flags) != cold


@pytest.mark.slow
@pytest.mark.long
def test_same_seed_same_bits_with_a_mass_matrix_of_low_rank(tmp_path):
    two = digest_of_draws(tmp_path / "two", seed=3, cpus=2, adaptation="low_rank")
    assert digest_of_draws(tmp_path / "one", seed=3, cpus=1, adaptation="low_rank", **ONE_THREAD) == two
