"""What `draws.nc` holds beside the draws: the votes as modelled, and the facts that `derive` reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from nx_study_posterior.built import BuiltModel
from nx_study_posterior.trimming import Trimmed

from .config import Configuration
from .data import Observations
from .scale import computed


def groups(observations: Observations) -> dict[str, xr.Dataset]:
    """`observed_data` and `constant_data`, by cell, legislator and roll call."""
    member, rollcall, votes = observations.cells
    cell = np.arange(len(votes))
    constant = xr.Dataset(
        {
            "member_index": ("cell", member),
            "rollcall_index": ("cell", rollcall),
            "name": ("legislator", [one.name for one in observations.members]),
            "party": ("legislator", [one.party for one in observations.members]),
            "first_component": ("legislator", observations.component.scores),
            "recoded": ("rollcall", observations.recoded),
            "chamber": ("rollcall", observations.chambers.of_rollcall),
            "home": ("legislator", observations.chambers.home),
            **_rotated(observations),
            **_walked(observations),
        },
        coords={
            "cell": cell,
            "legislator": [one.id for one in observations.members],
            "rollcall": observations.rollcalls,
        },
    )
    return {
        "observed_data": xr.Dataset({"y": ("cell", votes)}, coords={"cell": cell}),
        "constant_data": constant,
    }


@dataclass(frozen=True)
class _Whole:
    """All draws, with what they are of."""

    posterior: xr.Dataset
    constant: xr.Dataset
    attributes: Mapping[str, Any]


def of_all_draws(trimmed: Trimmed, constant: xr.Dataset, about: Mapping[str, Any]) -> dict[str, xr.Dataset]:
    """`quantities`: what can't be computed later, where draws are left out. Empty without a kept draw."""
    if trimmed.posterior is None:
        return {}
    return {"quantities": computed(_Whole(trimmed.posterior, constant, about))}


def _rotated(observations: Observations) -> dict[str, Any]:
    """The first two components of the votes, rotated as the anchors say."""
    plane = observations.plane
    return {} if plane is None else {"components": (("legislator", "dimension"), plane.start)}


def _walked(observations: Observations) -> dict[str, Any]:
    """Of a position in a term: the same person's earlier one (−1 for the first), and the terms between."""
    chambers = observations.chambers
    if (chambers.previous < 0).all():
        return {}
    return {
        "previous": ("legislator", chambers.previous),
        "terms_since": ("legislator", chambers.terms_since),
    }


def attributes(configuration: Configuration, observations: Observations, built: BuiltModel) -> dict[str, Any]:
    """Facts about the model and the data step."""
    return {
        "worker": "ideal-point",
        "model": configuration.model,
        "priors": built.priors,
        "notes": built.notes,
        "polarity": configuration.data.polarity,
        "parties": list(observations.party_pair) if observations.party_pair else None,
        "chambers": observations.chambers.names,
        "start_oriented_by": observations.component.oriented_by,
    }
