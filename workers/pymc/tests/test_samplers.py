"""All samplers give the same shape; each can be stopped as it says."""

import numpy as np
import pymc as pm
import pytest

from nx_study_posterior.built import BuiltModel
from nx_study_posterior.compiling import check_start, compile_model
from nx_study_posterior.sampler_statistics import STATISTICS_BYTES, statistics_bytes
from nx_study_posterior.samplers import SAMPLERS, check_installed, prepare
from nx_study_posterior.sampling import Settings
from nx_study_posterior.starting import start_points
from nx_study_posterior.storage import RENAMED, named_statistics
from nx_study_posterior.trimming import trim
from nx_study_worker import Unsupported, WorkerError

NEEDED = {"lp", "energy", "diverging", "tree_depth", "reached_max_treedepth", "n_steps", "step_size"}


@pytest.fixture(scope="module")
def built():
    with pm.Model(coords={"item": ["a", "b"]}) as model:
        spread = pm.HalfNormal("spread", 1)
        pm.Normal("value", 2, spread, dims="item")
        pm.Deterministic("double", 2 * spread)
    return BuiltModel(model, initial={"value": np.array([3.0, 4.0])}, steady=frozenset({"value"}))


def settings(sampler, **more):
    asked = {"chains": 2, "tune": 200, "draws": 300, "target_accept": 0.9, "adaptation": "diag"}
    return Settings(**{**asked, "seed": 1, "cores": 1, "sampler": sampler, **more})


def sampled(built, asked, stopping=lambda _reports: False):
    prepared, reports = prepare(built, asked), []
    return prepared, prepared.sample(reports.append, lambda: stopping(reports)), reports


@pytest.mark.parametrize("sampler", ["nutpie", "pymc"])
def test_a_fit_has_one_shape(built, sampler):
    prepared, done, reports = sampled(built, settings(sampler))
    trimmed = trim(done.trace)
    assert (done.complete, prepared.parameters, trimmed.lengths) == (True, 3, [300, 300])
    assert set(trimmed.posterior) == {"spread", "value", "double"}
    assert trimmed.posterior["value"].dims == ("chain", "draw", "item")
    assert {RENAMED.get(name, name) for name in trimmed.sample_stats} >= NEEDED
    last = reports[-1]
    assert (last.phase, last.done, last.total, last.chains) == ("sampling", 1000, 1000, [500, 500])
    assert last.gradients > 1000
    spread = trimmed.posterior["spread"].values
    assert spread.mean() == pytest.approx(np.sqrt(2 / np.pi), abs=0.2)  # the prior's
    np.testing.assert_allclose(trimmed.posterior["double"].values, 2 * spread)


@pytest.mark.parametrize(
    ("sampler", "adaptation"), [*((name, "diag") for name in SAMPLERS), ("nutpie", "low_rank")]
)
def test_statistics_take_the_bytes_that_plans_count(built, sampler, adaptation):
    for package in SAMPLERS[sampler][1]:
        pytest.importorskip(package)
    asked = settings(sampler, adaptation=adaptation, tune=50, draws=10)
    written = named_statistics(trim(sampled(built, asked)[1].trace).sample_stats)
    assert sum(one.nbytes for one in written.data_vars.values()) == 20 * statistics_bytes(sampler, adaptation)


def test_plans_know_the_statistics_of_every_sampler():
    assert set(STATISTICS_BYTES) == set(SAMPLERS)


def test_the_same_seed_gives_the_same_draws_with_one_process_or_two(built):
    one, two = (sampled(built, settings("pymc", cores=cores))[1].trace for cores in (1, 2))
    np.testing.assert_array_equal(one["posterior"]["spread"].values, two["posterior"]["spread"].values)


@pytest.mark.parametrize("cores", [1, 2])
def test_pymc_stops_with_the_draws_so_far(built, cores, monkeypatch):
    from nx_study_posterior.samplers import pymc_nuts

    monkeypatch.setattr(pymc_nuts, "REPORT_S", 0)
    _, done, _ = sampled(
        built,
        settings("pymc", draws=1_000_000, cores=cores),
        lambda reports: bool(reports) and max(reports[-1].chains) > 260,
    )
    trimmed = trim(done.trace)
    assert not done.complete
    assert 0 < trimmed.draws < 200
    assert len(done.lengths) == 2
    assert max(done.lengths) in (61, 62)


def test_pymc_stopped_while_tuning_has_no_draw(built):
    _, done, _ = sampled(built, settings("pymc"), lambda _reports: True)
    assert (done.complete, trim(done.trace).posterior, done.lengths) == (False, None, [0, 0])


def test_starts_have_jitter_where_the_model_allows_it(built):
    one, two = start_points(built, seed=1, chains=2)
    assert one["value"].tolist() == two["value"].tolist() == [3, 4]
    assert one["spread"] != two["spread"]
    assert start_points(built, seed=1, chains=2)[1]["spread"] == two["spread"]
    assert np.exp(-1) < one["spread"] < np.exp(1)  # around 1, on the scale of logarithms


def test_a_start_of_density_zero_is_told():
    with pm.Model() as model:
        pm.Normal("a")
        pm.Potential("nowhere", pm.math.log(-1.0 * pm.math.exp(0.0)))
    with pytest.raises(WorkerError, match="start point: the log density is nan at each of 20 starts"):
        start_points(BuiltModel(model), seed=1, chains=1)


def test_one_bad_start_among_good_ones_is_no_reason_to_refuse():
    """Half of all starts have the density 0: the chains of nutpie draw again, so the check does, too."""
    with pm.Model() as model:
        a = pm.Normal("a")
        pm.Potential("positive", pm.math.switch(a > 0, 0.0, -np.inf))
    compiled = compile_model(BuiltModel(model))
    starts = [check_start(compiled, seed) for seed in range(20)]
    assert all(np.isfinite(one["log_density"]) for one in starts)
    assert any(one["checked_seed"] != seed for seed, one in enumerate(starts))
    assert starts[3] == check_start(compiled, 3)
    with model:
        pm.Potential("bounded", pm.math.switch(a > 5, 0.0, -np.inf))
    with pytest.raises(WorkerError, match="start point: the log density is -inf; 20 starts were tried"):
        check_start(compile_model(BuiltModel(model)), 1)


@pytest.mark.parametrize("sampler", ["numpyro", "blackjax"])
def test_a_sampler_that_is_missing_is_named(sampler):
    with pytest.raises(
        Unsupported, match=f"sampler: {sampler} needs jax and {sampler}, which this environment lacks"
    ):
        check_installed(sampler)
    assert sampler in SAMPLERS
