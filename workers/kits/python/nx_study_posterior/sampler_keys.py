"""The settings of the sampler, the same in the configuration of every worker, as JSON Schema."""

import json
from collections.abc import Mapping
from typing import Any

SAMPLER_KEYS: dict[str, dict[str, Any]] = {
    "chains": {
        "title": "Chains",
        "description": "Independent chains; as many run at once as there are CPUs allowed.",
        "type": "integer",
        "minimum": 1,
        "maximum": 64,
        "default": 4,
    },
    "tune": {
        "title": "Tuning draws per chain",
        "description": "Adapt step size and mass matrix; they are not kept.",
        "type": "integer",
        "minimum": 50,
        "maximum": 1000000,
        "default": 1000,
    },
    "draws": {
        "title": "Kept draws per chain",
        "description": "After tuning. With `sampler: prior`, draws from the prior in all.",
        "type": "integer",
        "minimum": 10,
        "maximum": 1000000,
        "default": 1000,
    },
    "target_accept": {
        "title": "Target acceptance rate",
        "description": "Higher means smaller steps.",
        "type": "number",
        "exclusiveMinimum": 0,
        "exclusiveMaximum": 1,
        "default": 0.8,
    },
    "adaptation": {
        "title": "Adaptation of the mass matrix",
        "description": "diag: variances. low_rank: also correlations; dear above some 200 parameters.",
        "enum": ["diag", "low_rank"],
        "default": "diag",
    },
    "keep": {
        "title": "Draws that stay on the disk",
        "description": "summary: of variables with elements only each element's summary, not its draws.",
        "default": "all",
        "oneOf": [
            {"title": "all, summary", "enum": ["all", "summary"]},
            {
                "title": "{every: …}",
                "type": "object",
                "properties": {
                    "every": {
                        "title": "Every n-th draw",
                        "description": "Of each chain. R-hat, ESS and Monte Carlo errors are of all draws.",
                        "type": "integer",
                        "minimum": 2,
                    }
                },
                "required": ["every"],
                "additionalProperties": False,
            },
        ],
    },
}

# In place of a sampler: parameters are drawn from the prior and data from the model, and nothing is sampled.
PRIOR = "prior"

OF_CHAINS = ("chains", "tune", "target_accept", "adaptation", "keep")


def nothing_sampled(others: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """With `sampler: prior` the settings of chains, and `others` by name, stay at their defaults.

    A setting without effect would make two names for one experiment.
    """
    keys = {**{name: SAMPLER_KEYS[name] for name in OF_CHAINS}, **others}
    return {
        "if": {"properties": {"sampler": {"const": PRIOR}}, "required": ["sampler"]},
        "then": {
            "properties": {
                name: only(key["default"], "With `sampler: prior` nothing is sampled")
                for name, key in keys.items()
            }
        },
    }


def only(default: Any, reason: str) -> dict[str, Any]:
    """Told with the description where it is broken, as nx-study does for what is forbidden."""
    return {
        "description": f"{reason}: leave it out, or at {json.dumps(default)}.",
        "not": {"not": {"const": default}},
    }
