"""`python -m ideal_point.derive RUN_DIRECTORY OUT`: reads draws.nc, writes one JSON object."""

import sys
from pathlib import Path

from nx_study_worker import WorkerError, write_json

from .derived import derive


def main(arguments: list[str]) -> int:
    """Derive; what went wrong is one line on stderr."""
    if len(arguments) != 2:
        print("usage: python -m ideal_point.derive RUN_DIRECTORY OUT", file=sys.stderr)
        return 2
    try:
        derived = derive(Path(arguments[0]) / "draws.nc")
    except WorkerError as error:
        print(error, file=sys.stderr)
        return 1
    write_json(Path(arguments[1]), derived)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
