"""`python -m nx_study_dataset.check < REQUEST`: whether prompts can be read; standard library only."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nx_study_worker import problems_of

from .asked import refuse_two_files
from .prompts import read_prompts
from .read import read_entries


def main() -> int:
    """Answer with all problems found, an empty list when there is none."""
    request = json.load(sys.stdin)
    json.dump(check(request["configuration"]), sys.stdout, ensure_ascii=True)
    return 0


def check(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """What is wrong with the settings `dataset` and `prompts`, whose files are absolute paths."""
    dataset, prompts = configuration.get("dataset"), configuration.get("prompts")
    return {
        "problems": problems_of(
            [
                lambda: refuse_two_files(configuration),
                lambda: dataset and read_entries(Path(dataset["file"]), dataset["form"]),
                lambda: prompts and read_prompts(Path(prompts)),
            ]
        )
    }


if __name__ == "__main__":
    raise SystemExit(main())
