"""The data files, read: frames, arrays and objects under their names."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nx_study_worker import InputProblem

from .files import SEPARATORS, check_file

# Numbers as written: before 3.1 the default parser could be off in the last digit.
EXACT: dict[str, Any] = (
    {} if tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1) else {"float_precision": "round_trip"}
)


def read_data(files: Mapping[str, str]) -> dict[str, Any]:
    """Every file by its ending. Raises InputProblem for one that can't be read."""
    return {name: _read(name, Path(path)) for name, path in files.items()}


def _read(name: str, path: Path) -> Any:
    check_file(name, path)
    try:
        return _by_ending(path, path.suffix.lower())
    except (ValueError, OSError) as error:  # of pyarrow, too
        raise InputProblem(str(error), setting=f"data.{name}", file=path) from error


def _by_ending(path: Path, ending: str) -> Any:
    if ending in SEPARATORS:
        return pd.read_csv(path, sep=SEPARATORS[ending], encoding="utf-8-sig", index_col=False, **EXACT)
    if ending == ".parquet":
        return pd.read_parquet(path)
    if ending == ".json":
        return json.loads(path.read_bytes())
    if ending == ".npy":
        return np.load(path, allow_pickle=False)
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
