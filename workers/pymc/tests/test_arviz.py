"""Draws open in ArviZ before 1.0, which most notebooks still have."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys, arviz
trace = arviz.from_netcdf(sys.argv[1])
assert type(trace).__name__ == "InferenceData", type(trace)
summary = arviz.summary(trace, var_names=["mean", "offset"], round_to="none")
mean = float(trace.posterior["mean"].mean())
print(arviz.__version__, len(summary), mean, summary.loc["mean", "r_hat"] < 1.1)
"""


def uv():
    """The one that made this environment, or that of the PATH."""
    own = sorted(Path(sys.prefix).parents[2].glob("uv/*/bin/uv"))
    found = str(own[-1]) if own else shutil.which("uv")
    return found or pytest.fail("no uv")


@pytest.mark.slow
def test_draws_open_in_arviz_before_1(measured):
    import arviz

    lock = Path(__file__).with_name("arviz-0.lock")
    command = [uv(), "run", "--quiet", "--no-project", "--isolated", "--python", sys.executable]
    script = ["--with-requirements", str(lock), "python", "-c", SCRIPT, str(measured / "draws.nc")]
    done = subprocess.run([*command, *script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    version, rows, mean, mixed = done.stdout.split()
    assert version.startswith("0.2")
    now = arviz.from_netcdf(measured / "draws.nc")["posterior"]["mean"].mean()
    assert (int(rows), float(mean), mixed) == (6, pytest.approx(float(now)), "True")
