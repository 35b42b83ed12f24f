"""`python -m pymc_worker.check < REQUEST`: whether model and data can be read; standard library only."""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from nx_study_worker import InputProblem

from .files import check_file
from .keys import with_defaults
from .model_file import read_model_file


def main() -> int:
    """Answer with all problems found, an empty list when there is none."""
    request = json.load(sys.stdin)
    json.dump(check(request["configuration"]), sys.stdout, ensure_ascii=True)
    return 0


def check(configuration: dict[str, Any]) -> dict[str, Any]:
    """The problems of a configuration that fits the schema, and the schema of the model's own `config`."""
    values = with_defaults(configuration)
    problems: list[dict[str, Any]] = []
    model = _tried(partial(read_model_file, Path(values["model"])), problems)
    for name, path in values["data"].items():
        _tried(partial(check_file, name, Path(path)), problems)
    schemas = [] if model is None or model.schema is None else [{"path": "config", "schema": model.schema}]
    return {"problems": problems, "schemas": schemas}


def _tried(read: Callable[[], Any], problems: list[dict[str, Any]]) -> Any:
    try:
        return read()
    except InputProblem as problem:
        problems.append(problem.as_json())
        return None


if __name__ == "__main__":
    raise SystemExit(main())
