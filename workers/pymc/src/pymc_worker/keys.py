"""The keys of a configuration with their meaning and defaults, as a JSON Schema."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from nx_study_posterior.sampler_keys import PRIOR, SAMPLER_KEYS, nothing_sampled
from nx_study_posterior.simulation_keys import ONLY_WITH_SIMULATE, SIMULATION_KEYS, WITHOUT_KEEP

from .files import FORMATS


def configuration_schema() -> dict[str, Any]:
    """The JSON Schema of a configuration; `python -m pymc_worker.schema` writes it to a file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pymc",
        "description": "A PyMC model of your own, in one file.",
        "type": "object",
        "properties": deepcopy(KEYS),
        "required": ["model"],
        "additionalProperties": False,
        # Only nutpie adapts more than variances.
        "if": {"properties": {"sampler": {"enum": ["pymc", "numpyro", "blackjax"]}}, "required": ["sampler"]},
        "then": {"properties": {"adaptation": {"const": SAMPLER_KEYS["adaptation"]["default"]}}},
        "allOf": [
            deepcopy(ONLY_WITH_SIMULATE),
            deepcopy(OF_SIMULATED_FITS),
            deepcopy(WITHOUT_KEEP),
            nothing_sampled({"simulate": KEYS["simulate"]}),
        ],
    }


def with_defaults(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration with every default filled in; it is not checked."""
    values = {key: deepcopy(schema["default"]) for key, schema in KEYS.items() if "default" in schema}
    return {**values, **deepcopy(dict(raw))}


KEYS: dict[str, dict[str, Any]] = {
    "model": {
        "title": "Model",
        "description": "A Python file that defines build(data, config) -> pymc.Model.",
        "type": "string",
        "format": "python-file",
        "minLength": 1,
    },
    "data": {
        "title": "Data",
        "description": f"Name → file, which `build` gets read: {', '.join(FORMATS)}.",
        "type": "object",
        "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        "additionalProperties": {
            "title": "File",
            "description": "Read by its ending.",
            "type": "string",
            "format": "data-file",
            "minLength": 1,
        },
        "default": {},
    },
    "config": {
        "title": "Settings of the model",
        "description": "What `build` gets as `config`; the model's `schema` says which keys there are.",
        "type": "object",
        "default": {},
    },
    "requirements": {
        "title": "Lock of your own",
        "description": "Requirements with hashes, instead of the worker's own. null: the worker's.",
        "type": ["string", "null"],
        "format": "data-file",
        "minLength": 1,
        "default": None,
    },
    "sampler": {
        "title": "Sampler",
        "description": "numpyro and blackjax need a lock of your own that has them, and JAX. "
        "prior: draws from the prior and data from the model; nothing is sampled.",
        "enum": ["nutpie", "pymc", "numpyro", "blackjax", PRIOR],
        "default": "nutpie",
    },
    **SIMULATION_KEYS,
    **SAMPLER_KEYS,
}

# Other samplers would compile anew for each fit.
OF_SIMULATED_FITS: dict[str, Any] = {
    "if": {"properties": {"simulate": {"const": "prior"}}, "required": ["simulate"]},
    "then": {"properties": {"sampler": {"const": KEYS["sampler"]["default"]}}},
}
