"""`python -m ideal_point.check < REQUEST`: whether the data can be used as asked; standard library only."""

import json
import sys
from typing import Any

from nx_study_posterior.sampler_statistics import statistics_bytes
from nx_study_worker import Unsupported

from .chamber import Chamber, read_chamber
from .keys import with_defaults
from .models import STRUCTURES
from .models.structure import Counts
from .problems import DataProblem
from .settings import read_settings

# Of each vote in `draws.nc`: `groups` writes it with a legislator, a roll call and twice its own number.
VOTE_BYTES = 5 * 8


def main() -> int:
    """Answer with all problems found, an empty list when there is none."""
    request = json.load(sys.stdin)
    json.dump(check(request["configuration"]), sys.stdout, ensure_ascii=True)
    return 0


def check(configuration: dict[str, Any]) -> dict[str, Any]:
    """The problems of a configuration that fits the schema, and how large the model is without any.

    Data files are absolute paths.
    """
    values = with_defaults(configuration)
    try:
        chamber = read_chamber(read_settings(values))
    except DataProblem as problem:
        return {"problems": [problem.as_json()]}
    except Unsupported as problem:
        return {"problems": [{"path": "votes", "message": str(problem)}]}
    return {"problems": [], "size": _size(chamber, values)}


def _size(chamber: Chamber, values: dict[str, Any]) -> dict[str, int]:
    counts = Counts(len(chamber.rollcalls), chamber.joined.home, chamber.joined.votes)
    size = STRUCTURES[values["model"]].size(counts, values)
    observations = sum(vote is not None for row in chamber.cells for vote in row)
    return {
        "parameters": size.parameters,
        "observations": observations,
        "saved": size.saved,
        "statistics_bytes": statistics_bytes(values["sampler"], values["adaptation"]),
        "data_bytes": VOTE_BYTES * observations,
    }


if __name__ == "__main__":
    raise SystemExit(main())
