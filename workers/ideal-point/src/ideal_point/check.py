"""`python -m ideal_point.check < REQUEST`: whether the data can be used as asked; standard library only."""

import json
import sys
from typing import Any

from nx_study_worker import Unsupported

from .chamber import read_chamber
from .keys import with_defaults
from .problems import DataProblem
from .settings import read_settings


def main() -> int:
    """Answer with all problems found, an empty list when there is none."""
    request = json.load(sys.stdin)
    json.dump({"problems": check(request["configuration"])}, sys.stdout, ensure_ascii=True)
    return 0


def check(configuration: dict[str, Any]) -> list[dict[str, Any]]:
    """The problems of a configuration that fits the schema; its data files are absolute paths."""
    try:
        read_chamber(read_settings(with_defaults(configuration)))
    except DataProblem as problem:
        return [problem.as_json()]
    except Unsupported as problem:
        return [{"path": "votes", "message": str(problem)}]
    return []


if __name__ == "__main__":
    raise SystemExit(main())
