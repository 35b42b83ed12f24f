"""Writes config.schema.json: `python -m pymc_worker.schema`; with --check it only compares."""

import json
import sys
from pathlib import Path

from .keys import configuration_schema

PATH = Path(__file__).resolve().parents[2] / "config.schema.json"


def main(arguments: list[str]) -> int:
    """Write the file, or say whether it is current."""
    if arguments == ["--check"]:
        return 0 if PATH.read_text(encoding="utf-8") == schema_text() else 1
    PATH.write_text(schema_text(), encoding="utf-8")
    return 0


def schema_text() -> str:
    """The committed form."""
    return json.dumps(configuration_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
