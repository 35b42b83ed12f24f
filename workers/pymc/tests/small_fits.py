"""A small model and its fits, for the tests of samplers."""

import numpy as np
import pymc as pm

from nx_study_posterior.built import BuiltModel
from nx_study_posterior.samplers import prepare
from nx_study_posterior.sampling import Settings
from nx_study_posterior.storage import RENAMED
from nx_study_posterior.trimming import trim

NEEDED = {"lp", "energy", "diverging", "tree_depth", "reached_max_treedepth", "n_steps", "step_size"}


def small_model():
    with pm.Model(coords={"item": ["a", "b"]}) as model:
        spread = pm.HalfNormal("spread", 1)
        pm.Normal("value", 2, spread, dims="item")
        pm.Deterministic("double", 2 * spread)
    return BuiltModel(model, initial={"value": np.array([3.0, 4.0])}, steady=frozenset({"value"}))


def settings(sampler, **more):
    asked = {"chains": 2, "tune": 200, "draws": 300, "target_accept": 0.9, "adaptation": "diag"}
    return Settings(**{**asked, "seed": 1, "cores": 1, "sampler": sampler, **more})


def sampled(built, asked, stopping=lambda _reports: False):
    return sample(prepare(built, asked), stopping)


def sample(prepared, stopping=lambda _reports: False):
    reports = []
    return prepared.sample(reports.append, lambda: stopping(reports)), reports


def check_shape(prepared):
    """What every sampler gives of `small_model`."""
    done, reports = sample(prepared)
    trimmed = trim(done.trace)
    assert (done.complete, prepared.parameters, trimmed.lengths) == (True, 3, [300, 300])
    assert set(trimmed.posterior) == {"spread", "value", "double"}
    assert trimmed.posterior["value"].dims == ("chain", "draw", "item")
    assert trimmed.posterior["item"].values.tolist() == ["a", "b"]
    assert {RENAMED.get(name, name) for name in trimmed.sample_stats} >= NEEDED
    last = reports[-1]
    assert (last.phase, last.done, last.total, last.chains) == ("sampling", 1000, 1000, [500, 500])
    assert last.gradients > 1000
    spread = trimmed.posterior["spread"].values
    assert abs(spread.mean() - np.sqrt(2 / np.pi)) < 0.2  # the prior's
    np.testing.assert_allclose(trimmed.posterior["double"].values, 2 * spread)
    return done.trace
