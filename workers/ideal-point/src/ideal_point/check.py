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
from .named import party_counts
from .people import OWN_MIN
from .problems import DataProblem
from .settings import read_settings

# Of each vote in `draws.nc`: `groups` writes it with a legislator, a roll call and twice its own number.
VOTE_BYTES = 5 * 8
# Of each vote at the peak: in the table, the model and what is written. 433, 456 and 509 MB were measured
# with 47,536, 124,052 and 413,368 simulated votes (flat, nutpie, one chain of 20 draws after 50): 181 to 294
# bytes; rounded down.
VOTE_MEMORY_BYTES = 180
# As `scale.elements` has them: of a position, and of α or β of a roll call.
MEASURES, MOMENTS = 10, 5


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
    structure = STRUCTURES[values["model"]]
    size, dimensions = structure.size(counts, values), structure.dimensions
    observations = sum(vote is not None for row in chamber.cells for vote in row)
    return {
        "parameters": size.parameters,
        "observations": observations,
        "saved": size.saved,
        "scalars": size.scalars,
        "by_draw": _by_draw(chamber, dimensions),
        "summary_bytes": 8
        * (dimensions * MEASURES * counts.positions + (1 + dimensions) * MOMENTS * counts.rollcalls),
        "statistics_bytes": statistics_bytes(values["sampler"], values["adaptation"]),
        "data_bytes": VOTE_BYTES * observations,
        "data_memory_bytes": VOTE_MEMORY_BYTES * observations,
    }


def _by_draw(chamber: Chamber, dimensions: int) -> int:
    """The numbers of `scale.by_draw`: of each dimension, of parties, of chambers."""
    parties = party_counts(chamber.members)
    of_parties = len(parties) + sum(count > 1 for count in parties.values()) + (2 if chamber.parties else 0)
    where = [[at for at, votes in enumerate(of) if votes] for of in chamber.joined.votes]
    chambers = range(len(chamber.bodies))
    with_side = sum(sum(one == [at] for one in where) >= OWN_MIN for at in chambers)
    of_chambers = with_side + 2 * (len(chambers) - 1) if len(chambers) > 1 else 0
    return 3 * dimensions + (dimensions > 1) + of_parties + of_chambers


if __name__ == "__main__":
    raise SystemExit(main())
