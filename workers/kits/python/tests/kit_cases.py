"""The conformance cases, and the fake driver that goes with them."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "conformance"


def cases(file, key="cases"):
    """Parametrise a test with the cases in a file, under a key."""
    found = json.loads((FOLDER / file).read_text())[key]
    return pytest.mark.parametrize("case", found, ids=[case["name"] for case in found])


def near(value):
    return value if value is None else pytest.approx(value, rel=0, abs=5e-11)


def fake_nvml(folder):
    """Compile the stand-in for NVIDIA's library."""
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler")
    library = folder / "libfake-nvml.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, FOLDER / "fake-nvml.c"], check=True)
    return str(library)
