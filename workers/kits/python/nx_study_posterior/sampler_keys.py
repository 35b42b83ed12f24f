"""The settings of the sampler, the same in the configuration of every worker, as JSON Schema."""

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
        "description": "After tuning.",
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
}
