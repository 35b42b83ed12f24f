"""Writes tests/reference.json: long runs of the shipped studies, without the worker's sampling and its start.

Run `node tools/python.mjs pymc tools/reference.py`; it takes minutes.
"""

import json
import sys
from pathlib import Path

import arviz as az
import numpy as np
import nutpie
import xarray as xr

TESTS = Path(__file__).resolve().parents[1] / "tests"
KITS = TESTS.parents[1] / "kits/python"
sys.path[:0] = [str(TESTS), str(TESTS.parent / "src"), str(KITS)]

from shipped import CONFIGURATIONS  # noqa: E402

from nx_study_posterior.elements import mixing  # noqa: E402
from pymc_worker.config import read_configuration  # noqa: E402
from pymc_worker.data import read_data  # noqa: E402
from pymc_worker.model import load_model  # noqa: E402

HOW = {"chains": 4, "tune": 2000, "draws": 10000, "target_accept": 0.99, "seed": 2026}


def main() -> None:
    """Each quantity with its mean, and the Monte Carlo error of that."""
    found = {name: reference(configuration) for name, configuration in CONFIGURATIONS.items()}
    made = {**HOW, "sampler": f"nutpie {nutpie.__version__}, arviz {az.__version__}"}
    text = json.dumps({"made": made, "studies": found}, indent=2)
    (TESTS / "reference.json").write_text(f"{text}\n", encoding="utf-8")


def reference(raw: dict) -> dict[str, dict[str, float]]:
    """Of one study."""
    configuration = read_configuration(raw)
    own = load_model(configuration, read_data(configuration.data))
    trace = nutpie.sample(nutpie.compile_pymc_model(own.call("build")), progress_bar=False, **HOW)
    quantities = own.call("derived", trace) if own.defines("derived") else scalars(trace)
    return {name: described(value) for name, value in quantities.items()}


def scalars(trace: xr.DataTree) -> dict[str, xr.DataArray]:
    """Variables that are one number."""
    posterior = trace["posterior"].to_dataset()
    return {str(name): values for name, values in posterior.data_vars.items() if values.ndim == 2}


def described(value: xr.DataArray | dict) -> dict[str, float]:
    """Mean, and its error."""
    values = np.asarray(value["values"] if isinstance(value, dict) else value)
    return {"mean": float(values.mean()), "mcse": float(mixing(values[..., None])["mcse_mean"][0])}


if __name__ == "__main__":
    main()
