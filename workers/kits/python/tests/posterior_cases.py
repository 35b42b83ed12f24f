"""PyMC models with draws made by hand near their posteriors, so that nothing needs to be sampled."""

import numpy as np
import pymc as pm
import xarray as xr

from nx_study_posterior.derive.draws import Draws

SCHOOLS = ["Choate", "Deerfield", "Phillips Andover", "Phillips Exeter", "Hotchkiss", "Lawrenceville"]
SCHOOLS += ["St. Paul's", "Mt. Hermon"]
EFFECTS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
ERRORS = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])


def eight_schools():
    with pm.Model(coords={"school": SCHOOLS}) as model:
        mu = pm.Normal("mu", 0, 5)
        tau = pm.HalfCauchy("tau", 5)
        offset = pm.Normal("offset", 0, 1, dims="school")
        theta = pm.Deterministic("theta", mu + tau * offset, dims="school")
        pm.Normal("y", theta, ERRORS, observed=EFFECTS, dims="school")
    return model


def schools_draws(seed=1, chains=4, draws=100):
    random = np.random.default_rng(seed)
    shape = (chains, draws)
    mu, tau = random.normal(5, 3, shape), np.abs(random.normal(3, 2, shape))
    offset = random.normal(0, 1, (*shape, 8))
    theta = mu[..., None] + tau[..., None] * offset
    sample = ("chain", "draw")
    posterior = xr.Dataset(
        {
            "mu": (sample, mu),
            "tau": (sample, tau),
            "offset": ((*sample, "school"), offset),
            "theta": ((*sample, "school"), theta),
        },
        coords={"school": SCHOOLS, "chain": range(chains), "draw": range(draws)},
    )
    observed = xr.Dataset({"y": ("school", EFFECTS.copy())}, coords={"school": SCHOOLS})
    return made(posterior, observed)


def logistic_data(patients=60):
    random = np.random.default_rng(3)
    x = random.normal(0, 1, (patients, 2))
    return x, (random.random(patients) < 1 / (1 + np.exp(-(0.3 + x @ [1.0, -0.5])))).astype(np.int64)


def logistic(patients=60):
    """With a second observed variable, so that there are two."""
    x, y = logistic_data(patients)
    with pm.Model() as model:
        a = pm.Normal("a", 0, 2)
        b = pm.Normal("b", 0, 1, shape=2)
        pm.Bernoulli("y", logit_p=a + pm.math.dot(x, b), observed=y)
        pm.Poisson("count", pm.math.exp(a), observed=np.array([[0, 2, 1], [1, 1, 3]]))
    return model


def logistic_draws(seed=2, chains=2, draws=150, patients=60):
    random = np.random.default_rng(seed)
    sample = ("chain", "draw")
    posterior = xr.Dataset(
        {
            "a": (sample, random.normal(0.2, 0.2, (chains, draws))),
            "b": ((*sample, "b_dim_0"), random.normal([1.0, -0.5], 0.3, (chains, draws, 2))),
        }
    )
    observed = {
        "y": ("patient", logistic_data(patients)[1]),
        "count": (("row", "column"), np.array([[0, 2, 1], [1, 1, 3]])),
    }
    return made(posterior, xr.Dataset(observed))


def tree_of(model, draws):
    """By PyMC, all at once."""
    tree = xr.DataTree.from_dict({"posterior": draws.posterior})
    pm.compute_log_likelihood(tree, model=model, progressbar=False)
    pm.stats.compute_log_prior(tree, model=model, progressbar=False)
    return tree


def made(posterior, observed):
    return Draws(
        posterior=posterior, statistics=xr.Dataset(), observed=observed, constant=xr.Dataset(), attributes={}
    )
