"""The keys of a configuration with their meaning and defaults, as a JSON Schema."""

from copy import deepcopy
from typing import Any

from .priors import prior_schema


def configuration_schema() -> dict[str, Any]:
    """The JSON Schema of a configuration; `python -m ideal_point.schema` writes it to a file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ideal-point",
        "description": "Ideal points of legislators from roll-call votes: a two-parameter logistic model.",
        "type": "object",
        "properties": deepcopy(KEYS),
        "required": ["votes", "legislators"],
        "additionalProperties": False,
        # A setting without effect would make two names for one experiment.
        "if": {"properties": {"model": {"const": "flat"}}},
        "then": {"properties": {"spread_prior": {"const": KEYS["spread_prior"]["default"]}}},
    }


KEYS: dict[str, dict[str, Any]] = {
    "model": {
        "title": "Model",
        "description": "flat: one prior for all positions. hierarchical: sorted means of parties D and R.",
        "enum": ["flat", "hierarchical"],
        "default": "flat",
    },
    "votes": {
        "title": "Votes",
        "description": "CSV: a row per legislator, first column the id; a column per roll call: 1, 0, empty.",
        "type": "string",
        "format": "data-file",
        "minLength": 1,
    },
    "legislators": {
        "title": "Legislators",
        "description": "CSV with the id column of the votes, name and party (D, R or another).",
        "type": "string",
        "format": "data-file",
        "minLength": 1,
    },
    "sample": {
        "title": "Subsample of the roll calls",
        "description": "A seeded choice among those not unanimous; larger samples contain smaller ones.",
        "type": "object",
        "properties": {
            "rollcalls": {
                "title": "Number of roll calls",
                "description": "null: all of them.",
                "type": ["integer", "null"],
                "minimum": 2,
                "default": None,
            },
            "seed": {
                "title": "Seed of the choice",
                "description": "Part of the data: the seed of a measurement does not touch it.",
                "type": "integer",
                "minimum": 0,
                "maximum": 4294967295,
                "default": 1,
            },
        },
        "additionalProperties": False,
        "default": {"rollcalls": None, "seed": 1},
    },
    "polarity": {
        "title": "Polarity",
        "description": "none: 1 is yea. party: recoded where R says yea less often than D: 1 is R's side.",
        "enum": ["none", "party"],
        "default": "none",
    },
    "beta_prior": prior_schema(
        "Prior of the discriminations β",
        "Positive families need a polarity: without one, about half of the roll calls point the other way.",
        ["normal", "lognormal", "halfnormal", "exp_normal"],
        {"distribution": "normal", "mu": 0, "sigma": 1},
    ),
    "alpha_prior": prior_schema(
        "Prior of the difficulties α",
        "On the scale of log-odds: with ξ = 0, the probability of a 1 is 1 / (1 + exp α).",
        ["normal"],
        {"distribution": "normal", "mu": 0, "sigma": 5},
    ),
    "position_prior": prior_schema(
        "Prior of the positions ξ",
        "In the hierarchical model: of the parties' means, and of members of neither party.",
        ["normal"],
        {"distribution": "normal", "mu": 0, "sigma": 1},
    ),
    "spread_prior": prior_schema(
        "Prior of the spread within a party",
        "Hierarchical model only; with the flat one it stays at its default.",
        ["halfnormal", "lognormal", "exp_normal"],
        {"distribution": "halfnormal", "sigma": 1},
    ),
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

PRIOR_KEYS = ("beta_prior", "alpha_prior", "position_prior", "spread_prior")
