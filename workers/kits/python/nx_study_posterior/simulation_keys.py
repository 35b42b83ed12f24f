"""The settings of simulated data, the same in the configuration of every worker, as JSON Schema."""

from typing import Any

from .sampler_keys import SAMPLER_KEYS, only

SIMULATION_KEYS: dict[str, dict[str, Any]] = {
    "simulate": {
        "title": "Simulated data",
        "description": "prior: parameters from the prior and data from the model, to check the sampler by.",
        "enum": ["prior", None],
        "default": None,
    },
    "simulations": {
        "title": "Simulated fits",
        "description": "Of one measurement, which compiles once for all of them; only with `simulate`.",
        "type": "integer",
        "minimum": 1,
        "maximum": 10000,
        "default": 1,
    },
}

# A setting without effect would make two names for one experiment.
ONLY_WITH_SIMULATE: dict[str, Any] = {
    "if": {"properties": {"simulate": {"const": None}}},
    "then": {"properties": {"simulations": {"const": SIMULATION_KEYS["simulations"]["default"]}}},
}

# Of simulated fits `simulations.nc` holds what their ranks are computed from.
WITHOUT_KEEP: dict[str, Any] = {
    "if": {"properties": {"simulate": {"const": "prior"}}, "required": ["simulate"]},
    "then": {
        "properties": {
            "keep": only(
                SAMPLER_KEYS["keep"]["default"],
                "Simulated fits always keep the draws that their ranks are computed from",
            )
        }
    },
}
