"""`python -m pymc_worker.doctor < REQUEST`: builds the model, and says how large it is or why it fails."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from nx_study_worker import WorkerError

NEXT = "Correct it before the run: every measurement of this model would fail as this did."


def main() -> int:
    """Answer on what was stdout; what the model itself prints goes to stderr."""
    request = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    answer = look(request["configuration"], request.get("modules", {}))
    out.write(json.dumps(answer, ensure_ascii=True) + "\n")
    out.flush()
    return 0


def look(configuration: Mapping[str, Any], modules: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """`items` and `size` of a configuration whose other settings have their defaults; paths are absolute."""
    try:
        return _built(configuration, modules)
    except WorkerError as error:
        return _fails(str(error))
    except Exception as error:
        return _fails(f"{configuration['model']}: {type(error).__name__}: {error}")


def _built(configuration: Mapping[str, Any], modules: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """As a measurement begins. Its imports take seconds, and some of them can fail."""
    import pytensor

    from nx_study_posterior.prior import PRIOR, drawable
    from nx_study_posterior.sampler_statistics import statistics_bytes
    from nx_study_posterior.samplers import check_installed

    from .config import read_configuration
    from .data import read_data
    from .imports import check_imports
    from .model import load_model
    from .size import size_of

    read = read_configuration(configuration)
    check_installed(read.values["sampler"])
    built = load_model(read, read_data(read.data)).build()
    if read.values["sampler"] == PRIOR:
        drawable(built.model)
    check_imports(modules.get("model", [str(read.model.path)]), [pytensor.config.base_compiledir])
    size = size_of(built.model) | {
        "statistics_bytes": statistics_bytes(read.values["sampler"], read.values["adaptation"])
    }
    found = f"{size['parameters']} free parameters, {size['observations']} observed values"
    item = {"item": "model", "state": "ok", "message": f"{read.model.path} builds: {found}"}
    return {"items": [item], "size": size}


def _fails(message: str) -> dict[str, Any]:
    item = {"item": "model", "state": "fails", "message": message, "next": NEXT}
    return {"items": [item], "size": None}


if __name__ == "__main__":
    raise SystemExit(main())
