"""What a configuration says of the data."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .columns import Source


@dataclass(frozen=True)
class DataSettings:
    """The settings of a configuration that decide which votes are modelled, and on which side is what."""

    source: Source
    # Further chambers or terms.
    linked: tuple[Source, ...]
    sample_rollcalls: int | None
    sample_seed: int
    polarity: str
    model: str
    parties: tuple[str, str] | None
    orientation: Any
    anchors: tuple[str, str] | None

    @property
    def hierarchical(self) -> bool:
        """Whether positions hang on the two parties."""
        return self.model == "hierarchical"


def read_settings(values: Mapping[str, Any]) -> DataSettings:
    """From a configuration that the schema has accepted, with every default filled in."""
    return DataSettings(
        source=_source(values, values),
        linked=tuple(
            _source(values, body, f"linked.{index}.") for index, body in enumerate(values["linked"])
        ),
        sample_rollcalls=values["sample"]["rollcalls"],
        sample_seed=values["sample"]["seed"],
        polarity=values["polarity"],
        model=values["model"],
        parties=_pair(values["parties"]),
        orientation=_names(values["orientation"]),
        anchors=_pair(values["anchors"]),
    )


def _source(values: Mapping[str, Any], body: Mapping[str, Any], within: str = "") -> Source:
    """The files of one chamber or term; how they are written is said once for all."""
    return Source(
        votes=Path(body["votes"]),
        legislators=Path(body["legislators"]),
        coding=values["coding"],
        layout=values["layout"],
        separator=values["separator"],
        columns=values["columns"],
        within=within,
        name=body.get("name"),
    )


def _pair(written: list[str | int] | None) -> tuple[str, str] | None:
    return None if written is None else (_name(written[0]), _name(written[1]))


def _names(written: str | Mapping[str, str | int]) -> str | dict[str, str]:
    return written if isinstance(written, str) else {key: _name(value) for key, value in written.items()}


def _name(written: str | int) -> str:
    """In the same form of Unicode as the fields of files."""
    return unicodedata.normalize("NFC", str(written))
