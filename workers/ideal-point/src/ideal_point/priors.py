"""Priors as data: the one definition behind the JSON Schema, the model builder and the start of sampling."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

NUMBER = {"type": "number", "title": "Location", "description": "Any finite number."}
POSITIVE = {"type": "number", "exclusiveMinimum": 0, "title": "Scale", "description": "Greater than 0."}


@dataclass(frozen=True)
class Family:
    """One family of distributions: its exact parameters, its support, and how PyMC makes a variable of it."""

    title: str
    parameters: Mapping[str, Mapping[str, Any]]
    positive: bool
    build: Callable[..., Any]
    # E[x²], from the parameters.
    mean_square: Callable[..., float]
    # Of a probability and the parameters.
    quantile: Callable[..., float]
    # Of values and the parameters, up to a constant; of the variable that is sampled.
    log_density: Callable[..., "np.ndarray"]


@dataclass(frozen=True)
class Prior:
    """A family with its parameters."""

    distribution: str
    parameters: Mapping[str, float]

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> "Prior":
        """From a configuration that the schema has accepted."""
        parameters = {name: float(value[name]) for name in FAMILIES[value["distribution"]].parameters}
        return cls(value["distribution"], parameters)

    @property
    def positive(self) -> bool:
        """No mass below zero."""
        return FAMILIES[self.distribution].positive

    @property
    def mirrored(self) -> bool:
        """As likely at -x as at x."""
        return not self.positive and self.parameters.get("mu", 0) == 0

    @property
    def mean_square(self) -> float:
        """E[x²]."""
        return FAMILIES[self.distribution].mean_square(**self.parameters)

    def variable(self, name: str, **options: Any) -> Any:
        """The variable `name` of the PyMC model in whose context this is called."""
        return FAMILIES[self.distribution].build(name, **self.parameters, **options)

    def quantile(self, probability: float) -> float:
        """The value below which so much of the prior lies."""
        return FAMILIES[self.distribution].quantile(probability, **self.parameters)

    def log_density(self, values: "np.ndarray") -> "np.ndarray":
        """Up to a constant. exp_normal has that of the logarithm, the variable that is sampled."""
        return FAMILIES[self.distribution].log_density(values, **self.parameters)

    def as_json(self) -> dict[str, Any]:
        """As it is written in a configuration."""
        return {"distribution": self.distribution, **self.parameters}


def prior_schema(
    title: str, description: str, families: list[str], default: Mapping[str, Any]
) -> dict[str, Any]:
    """A JSON Schema that accepts exactly the named families, each with exactly its parameters."""
    return {
        "title": title,
        "description": description,
        "type": "object",
        "default": dict(default),
        "oneOf": [_family_schema(name) for name in families],
    }


def _family_schema(name: str) -> dict[str, Any]:
    family = FAMILIES[name]
    return {
        "title": family.title,
        "type": "object",
        "properties": {
            "distribution": {"const": name, "title": "Distribution", "description": family.title},
            **family.parameters,
        },
        # All required and none with a default: half a prior is an error, not a guess.
        "required": ["distribution", *family.parameters],
        "additionalProperties": False,
    }


def _normal(name: str, mu: float, sigma: float, **options: Any) -> Any:
    import pymc as pm  # heavy: the schema is made without it

    return pm.Normal(name, mu=mu, sigma=sigma, **options)


def _lognormal(name: str, mu: float, sigma: float, **options: Any) -> Any:
    import pymc as pm

    return pm.LogNormal(name, mu=mu, sigma=sigma, **options)


def _halfnormal(name: str, sigma: float, **options: Any) -> Any:
    import pymc as pm

    return pm.HalfNormal(name, sigma=sigma, **options)


def _exp_normal(name: str, mu: float, sigma: float, **options: Any) -> Any:
    import pymc as pm

    logarithm = pm.Normal(f"log_{name}", mu=mu, sigma=sigma, **options)
    return pm.Deterministic(name, pm.math.exp(logarithm), **options)


def _log_mean_square(mu: float, sigma: float) -> float:
    return math.exp(2 * mu + 2 * sigma**2)


def _normal_quantile(probability: float, mu: float, sigma: float) -> float:
    return NormalDist(mu, sigma).inv_cdf(probability)


def _log_quantile(probability: float, mu: float, sigma: float) -> float:
    return math.exp(_normal_quantile(probability, mu, sigma))


def _half_quantile(probability: float, sigma: float) -> float:
    return NormalDist(0, sigma).inv_cdf((1 + probability) / 2)


def _normal_log_density(values: "np.ndarray", mu: float, sigma: float) -> "np.ndarray":
    return -0.5 * ((values - mu) / sigma) ** 2


def _exp_normal_log_density(values: "np.ndarray", mu: float, sigma: float) -> "np.ndarray":
    return _normal_log_density(_logarithm(values), mu, sigma)


def _lognormal_log_density(values: "np.ndarray", mu: float, sigma: float) -> "np.ndarray":
    return _exp_normal_log_density(values, mu, sigma) - _logarithm(values)


def _logarithm(values: "np.ndarray") -> "np.ndarray":
    import numpy as np  # the schema is made without it

    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(values))


def _half_log_density(values: "np.ndarray", sigma: float) -> "np.ndarray":
    return _normal_log_density(values, 0, sigma)


FAMILIES: dict[str, Family] = {
    "normal": Family(
        "Normal(mu, sigma)",
        {"mu": NUMBER, "sigma": POSITIVE},
        positive=False,
        build=_normal,
        mean_square=lambda mu, sigma: mu**2 + sigma**2,
        quantile=_normal_quantile,
        log_density=_normal_log_density,
    ),
    "lognormal": Family(
        "LogNormal: log x ~ Normal(mu, sigma)",
        {"mu": NUMBER, "sigma": POSITIVE},
        positive=True,
        build=_lognormal,
        mean_square=_log_mean_square,
        quantile=_log_quantile,
        log_density=_lognormal_log_density,
    ),
    "halfnormal": Family(
        "Half-normal: |Normal(0, sigma)|",
        {"sigma": POSITIVE},
        positive=True,
        build=_halfnormal,
        mean_square=lambda sigma: sigma**2,
        quantile=_half_quantile,
        log_density=_half_log_density,
    ),
    "exp_normal": Family(
        "exp(Normal(mu, sigma)): the lognormal, written as a transformed normal",
        {"mu": NUMBER, "sigma": POSITIVE},
        positive=True,
        build=_exp_normal,
        mean_square=_log_mean_square,
        quantile=_log_quantile,
        log_density=_exp_normal_log_density,
    ),
}
