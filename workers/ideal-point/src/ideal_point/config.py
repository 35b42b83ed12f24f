"""The configuration of a measurement: checked, complete and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nx_study_posterior.keeping import Keep
from nx_study_posterior.sampling import Settings
from nx_study_worker import Unsupported

from .keys import PRIOR_KEYS, configuration_schema, with_defaults
from .priors import Prior
from .settings import DataSettings, read_settings


@dataclass(frozen=True)
class Configuration:
    """A configuration that the schema has accepted, with every default filled in."""

    model: str
    data: DataSettings
    beta_prior: Prior
    alpha_prior: Prior
    position_prior: Prior
    spread_prior: Prior
    drift_prior: Prior
    shift_prior: Prior
    stretch_prior: Prior
    parametrisation: str
    sampler_name: str
    chains: int
    tune: int
    draws: int
    target_accept: float
    adaptation: str
    keep: Keep
    simulate: str | None
    simulations: int

    def sampler(self, seed: int, cpus: int) -> Settings:
        """How to sample, with as many chains at once as `cpus` allow."""
        return Settings(
            chains=self.chains,
            tune=self.tune,
            draws=self.draws,
            target_accept=self.target_accept,
            adaptation=self.adaptation,
            seed=seed,
            cores=min(self.chains, cpus),
            keep=self.keep,
        )


def read_configuration(raw: Mapping[str, Any]) -> Configuration:
    """Check `raw` against the schema, fill in defaults, freeze."""
    values = with_defaults(raw)
    _validate(values)
    return Configuration(
        model=values["model"],
        data=read_settings(values),
        **{key: Prior.read(values[key]) for key in PRIOR_KEYS},
        parametrisation=values["parametrisation"],
        sampler_name=values["sampler"],
        chains=int(values["chains"]),
        tune=int(values["tune"]),
        draws=int(values["draws"]),
        target_accept=float(values["target_accept"]),
        adaptation=values["adaptation"],
        keep=values["keep"],
        simulate=values["simulate"],
        simulations=int(values["simulations"]),
    )


def _validate(values: dict[str, Any]) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(configuration_schema()).iter_errors(values))
    if error is not None:
        path = ".".join(str(part) for part in error.absolute_path) or "configuration"
        raise Unsupported(f"{path}: {error.message}")
