"""The configuration of a measurement: checked, complete and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match

from nx_study_posterior.sampling import Settings
from nx_study_worker import Unsupported

from .keys import configuration_schema, with_defaults
from .model_file import ModelFile, read_model_file


@dataclass(frozen=True)
class Configuration:
    """A configuration that the schemas of worker and model have accepted, with every default filled in."""

    model: ModelFile
    data: Mapping[str, str]
    config: Mapping[str, Any]
    values: Mapping[str, Any]

    def sampler(self, seed: int, cpus: int) -> Settings:
        """How to sample, with as many chains at once as `cpus` allow."""
        values = self.values
        return Settings(
            chains=int(values["chains"]),
            tune=int(values["tune"]),
            draws=int(values["draws"]),
            target_accept=float(values["target_accept"]),
            adaptation=values["adaptation"],
            seed=seed,
            cores=min(int(values["chains"]), cpus),
            sampler=values["sampler"],
            keep=values["keep"],
        )


def read_configuration(raw: Mapping[str, Any]) -> Configuration:
    """Check `raw` against both schemas, fill in defaults, freeze."""
    values = with_defaults(raw)
    _validate(values, configuration_schema(), "")
    model = read_model_file(Path(values["model"]))
    return Configuration(model, values["data"], _config(values["config"], model), values)


def _config(given: Mapping[str, Any], model: ModelFile) -> dict[str, Any]:
    """The settings of the model; the defaults of its schema's own keys are filled in."""
    if model.schema is None:
        return dict(given)
    try:
        Draft202012Validator.check_schema(model.schema)
    except SchemaError as error:
        raise Unsupported(f"{model.path}: schema is no JSON Schema: {error.message}") from error
    keys = model.schema.get("properties", {})
    defaults = {name: key["default"] for name, key in keys.items() if "default" in _object(key)}
    config = {**defaults, **given}
    _validate(config, model.schema, "config.")
    return config


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _validate(values: dict[str, Any], schema: dict[str, Any], prefix: str) -> None:
    error = best_match(Draft202012Validator(schema).iter_errors(values))
    if error is not None:
        path = ".".join(str(part) for part in error.absolute_path)
        raise Unsupported(f"{f'{prefix}{path}'.rstrip('.') or 'configuration'}: {error.message}")
