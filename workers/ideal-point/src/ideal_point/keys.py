"""The keys of a configuration with their meaning and defaults, as a JSON Schema."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from nx_study_posterior.sampler_keys import PRIOR, SAMPLER_KEYS, nothing_sampled
from nx_study_posterior.simulation_keys import ONLY_WITH_SIMULATE, SIMULATION_KEYS, WITHOUT_KEEP

from .coding import AUTO, NAMED
from .csvfile import SEPARATORS
from .models import STRUCTURES
from .models.parametrisation import NON_CENTRED, PARAMETRISATIONS
from .priors import prior_schema
from .problems import listed


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
        "allOf": [
            *(_condition(name) for name in STRUCTURES),
            deepcopy(ONLY_WITH_SIMULATE),
            deepcopy(WITHOUT_KEEP),
            nothing_sampled({name: KEYS[name] for name in ("simulate", "parametrisation")}),
        ],
    }


def _condition(model: str) -> dict[str, Any]:
    """A setting without effect would make two names for one experiment, so it stays at its default."""
    reads = STRUCTURES[model].reads
    then: dict[str, Any] = {
        "properties": {name: {"const": KEYS[name]["default"]} for name in OF_STRUCTURES if name not in reads}
    }
    if "linked" in reads:
        then["properties"]["linked"] = {"minItems": 1}
        then["required"] = ["linked"]
    else:
        then["properties"]["columns"] = {"properties": {"person": {"const": None}}}
    then["properties"].update(STRUCTURES[model].restricts)
    is_default = model == KEYS["model"]["default"]
    return {
        "if": {"properties": {"model": {"const": model}}, **({} if is_default else {"required": ["model"]})},
        "then": then,
    }


def with_defaults(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration with every default filled in; it is not checked."""
    values = {key: deepcopy(schema["default"]) for key, schema in KEYS.items() if "default" in schema}
    values.update(deepcopy(dict(raw)))
    for key in ("sample", "columns"):
        if isinstance(values[key], dict):
            values[key] = {**KEYS[key]["default"], **values[key]}
    return values


# A number in a study file is text in the data: codes of parties and ids are often written so.
_CODE = {"type": ["string", "integer"], "minLength": 1}


def _named_by(key: str, description: str) -> dict[str, Any]:
    """A map with one key."""
    return {
        "title": f"{{{key}: …}}",
        "type": "object",
        "properties": {key: {"title": key.capitalize(), "description": description, **_CODE}},
        "required": [key],
        "additionalProperties": False,
    }


def _column(description: str) -> dict[str, Any]:
    return {
        "title": "Column",
        "description": description,
        "type": ["string", "null"],
        "minLength": 1,
        "default": None,
    }


def _file(title: str, description: str) -> dict[str, Any]:
    return {
        "title": title,
        "description": description,
        "type": "string",
        "format": "data-file",
        "minLength": 1,
    }


def _codes(description: str, least: int) -> dict[str, Any]:
    return {"title": "Values", "description": description, "type": "array", "items": _CODE, "minItems": least}


KEYS: dict[str, dict[str, Any]] = {
    "model": {
        "title": "Model",
        "description": "; ".join(f"{one.name}: {one.summary}" for one in STRUCTURES.values()) + ".",
        "enum": list(STRUCTURES),
        "default": "flat",
    },
    "votes": _file(
        "Votes", "Text table: a row per legislator and a column per roll call, or a row per vote."
    ),
    "legislators": _file("Legislators", "Text table with the id column of the votes, name and party."),
    "linked": {
        "title": "Further chambers or terms",
        "description": "joint: on one scale with `votes`, by who sits in several. dynamic: in order of time.",
        "type": "array",
        "items": {
            "title": "{name, votes, legislators}",
            "type": "object",
            "properties": {
                "name": {
                    "title": "Name",
                    "description": "Of the chamber or term. null: of the votes file, up to its first point.",
                    "type": ["string", "null"],
                    "minLength": 1,
                    "default": None,
                },
                "votes": _file("Votes", "As `votes`, with the same coding and columns."),
                "legislators": _file("Legislators", "As `legislators`."),
            },
            "required": ["votes", "legislators"],
            "additionalProperties": False,
        },
        "default": [],
    },
    "coding": {
        "title": "Coding of the votes",
        "description": "auto: found where only one fits. A map lists the values of yea, nay, missing.",
        "default": AUTO,
        "oneOf": [
            {"title": listed([AUTO, *NAMED]), "enum": [AUTO, *NAMED]},
            {
                "title": "{yea: […], nay: […], missing: […]}",
                "type": "object",
                "properties": {
                    "yea": _codes("Taken for yea.", 1),
                    "nay": _codes("Taken for nay.", 1),
                    "missing": _codes("No vote; empty cells, NA and the like need not be listed.", 0),
                },
                "required": ["yea", "nay"],
                "additionalProperties": False,
            },
        ],
    },
    "layout": {
        "title": "Layout of the votes",
        "description": "wide: a row per legislator. long: a row per vote. auto: by the header.",
        "enum": ["auto", "wide", "long"],
        "default": "auto",
    },
    "separator": {
        "title": "Separator of fields",
        "description": "Of both files. auto: the one that divides each file's header.",
        "enum": ["auto", *SEPARATORS],
        "default": "auto",
    },
    "columns": {
        "title": "Names of columns",
        "description": "Where they are not the usual ones, such as icpsr, name, party, rollcall, vote.",
        "type": "object",
        "properties": {
            "legislator": _column(
                "Of ids, in both files. null: the first column; in the long layout a usual name."
            ),
            "name": _column("Of names. null: name or bioname."),
            "party": _column("Of parties. null: party or party_code."),
            "rollcall": _column("Long layout only. null: rollcall, rollnumber or the like."),
            "vote": _column("Long layout only. null: vote or cast_code."),
            "person": _column("With `linked`: who is the same person in several chambers. null: the id."),
        },
        "additionalProperties": False,
        "default": dict.fromkeys(("legislator", "name", "party", "rollcall", "vote", "person")),
    },
    "parties": {
        "title": "The two parties",
        "description": "As spelt in the file, the lower one first. null: D and R where the file has both.",
        "type": ["array", "null"],
        "items": _CODE,
        "minItems": 2,
        "maxItems": 2,
        "uniqueItems": True,
        "default": None,
    },
    "orientation": {
        "title": "What is positive",
        "description": "parties: the second of `parties`. Or a party, a legislator by id, or none.",
        "default": "parties",
        "oneOf": [
            {"title": "parties, none", "enum": ["parties", "none"]},
            _named_by("party", "On average on the positive side."),
            _named_by("legislator", "By id; on the positive side."),
        ],
    },
    "anchors": {
        "title": "Anchors of two dimensions",
        "description": "Two ids, with one position in dimension 2. null: the ends of the first component.",
        "type": ["array", "null"],
        "items": _CODE,
        "minItems": 2,
        "maxItems": 2,
        "uniqueItems": True,
        "default": None,
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
        "description": "none: 1 is yea. party: 1 is what the second of `parties` says more often.",
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
        "hierarchical: of the parties' means, and of members of neither. joint: of the first chamber.",
        ["normal"],
        {"distribution": "normal", "mu": 0, "sigma": 1},
    ),
    "spread_prior": prior_schema(
        "Prior of the spread within a party",
        "Hierarchical model only; with another one it stays at its default.",
        ["halfnormal", "lognormal", "exp_normal"],
        {"distribution": "halfnormal", "sigma": 1},
    ),
    "drift_prior": prior_schema(
        "Prior of the drift from term to term",
        "Dynamic model only: the standard deviation of a position's step to the next term.",
        ["halfnormal", "lognormal", "exp_normal"],
        {"distribution": "halfnormal", "sigma": 0.5},
    ),
    "shift_prior": prior_schema(
        "Prior of the mean of a further chamber",
        "Joint model only: of the positions of who is at home there, and not in an earlier chamber.",
        ["normal"],
        {"distribution": "normal", "mu": 0, "sigma": 2},
    ),
    "stretch_prior": prior_schema(
        "Prior of the spread of a further chamber",
        "Joint model only: the standard deviation of the positions of who is at home there.",
        ["halfnormal", "lognormal", "exp_normal"],
        {"distribution": "lognormal", "mu": 0, "sigma": 0.5},
    ),
    "parametrisation": {
        "title": "Parametrisation of positions",
        "description": "Hierarchical model only. mixed: centred where votes say more than the party.",
        "enum": list(PARAMETRISATIONS),
        "default": NON_CENTRED,
    },
    "sampler": {
        "title": "Sampler",
        "description": "prior: draws from the prior and votes from the model; nothing is sampled.",
        "enum": ["nutpie", PRIOR],
        "default": "nutpie",
    },
    **SIMULATION_KEYS,
    **SAMPLER_KEYS,
}

# Settings that only some structures read.
OF_STRUCTURES = (
    *("linked", "anchors", "spread_prior", "drift_prior", "shift_prior", "stretch_prior"),
    "parametrisation",
)
PRIOR_KEYS = (
    *("beta_prior", "alpha_prior", "position_prior"),
    *("spread_prior", "drift_prior", "shift_prior", "stretch_prior"),
)
