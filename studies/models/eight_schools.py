"""Effects of coaching in eight schools (Rubin 1981)."""

import pymc as pm

schema = {
    "type": "object",
    "properties": {"parametrisation": {"enum": ["centred", "non-centred"]}},
    "required": ["parametrisation"],
    "additionalProperties": False,
}


def build(data, config):
    schools = data["schools"]
    with pm.Model(coords={"school": schools["school"]}) as model:
        mu = pm.Normal("mu", 0, 5)
        tau = pm.HalfCauchy("tau", 5)
        if config["parametrisation"] == "centred":
            theta = pm.Normal("theta", mu, tau, dims="school")
        else:
            distance = pm.Normal("distance", 0, 1, dims="school")
            theta = pm.Deterministic("theta", mu + tau * distance, dims="school")
        pm.Normal("effect", theta, schools["error"], observed=schools["effect"], dims="school")
    return model
