"""The command `derive` of a worker: `python -m <worker>.derive RUN_DIRECTORY OUT`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nx_study_worker import WorkerError, write_json

from ..storage import DRAWS, SIMULATIONS
from .calibration import calibrate


def main(derive: Callable[[Path], dict[str, Any]], arguments: list[str]) -> int:
    """Write what `derive` makes of `draws.nc` to OUT; what went wrong is one line on stderr.

    Simulated fits are described here, whatever they are of.
    """
    if len(arguments) != 2:
        print("usage: derive RUN_DIRECTORY OUT", file=sys.stderr)
        return 2
    try:
        simulations = Path(arguments[0]) / SIMULATIONS
        derived = calibrate(simulations) if simulations.exists() else derive(Path(arguments[0]) / DRAWS)
    except WorkerError as error:
        print(error, file=sys.stderr)
        return 1
    write_json(Path(arguments[1]), derived)
    return 0
