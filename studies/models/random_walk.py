"""Yearly counts whose rate walks at random on the scale of logarithms."""

import pymc as pm

schema = {"properties": {"step_sd": {"type": "number", "exclusiveMinimum": 0}}, "required": ["step_sd"]}


def build(data, config):
    counts = data["discoveries"]
    with pm.Model(coords={"year": counts["year"], "later": counts["year"][1:]}) as model:
        step = pm.HalfNormal("step", config["step_sd"])
        first = pm.Normal("first", 1, 1)
        change = step * pm.Normal("z", 0, 1, dims="later")
        level = pm.math.concatenate([[0.0], pm.math.cumsum(change)])
        rate = pm.Deterministic("rate", pm.math.exp(first + level), dims="year")
        pm.Poisson("count", rate, observed=counts["discoveries"], dims="year")
    return model


def derived(trace, data, config):
    rate = trace["posterior"]["rate"]
    fall = rate.sel(year=slice(1880, 1899)).mean("year") - rate.sel(year=slice(1940, 1959)).mean("year")
    return {"fall": {"values": fall, "label": "fall of the rate", "unit": "per year", "main": True}}
