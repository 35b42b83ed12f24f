"""All samplers give the same shape; each can be stopped as it says."""

import numpy as np
import pymc as pm
import pytest
from small_fits import check_shape, sampled, settings, small_model

from nx_study_posterior.built import BuiltModel
from nx_study_posterior.compiling import check_start, compile_model
from nx_study_posterior.sampler_keys import PRIOR
from nx_study_posterior.sampler_statistics import STATISTICS_BYTES, statistics_bytes
from nx_study_posterior.samplers import SAMPLERS, prepare
from nx_study_posterior.starting import start_points
from nx_study_posterior.storage import named_statistics
from nx_study_posterior.trimming import trim
from nx_study_worker import WorkerError


@pytest.fixture(scope="module")
def built():
    return small_model()


@pytest.mark.parametrize("sampler", ["nutpie", "pymc"])
def test_a_fit_has_one_shape(built, sampler):
    check_shape(prepare(built, settings(sampler)))


@pytest.mark.parametrize(
    ("sampler", "adaptation"), [("nutpie", "diag"), ("nutpie", "low_rank"), ("pymc", "diag")]
)
def test_statistics_take_the_bytes_that_plans_count(built, sampler, adaptation):
    asked = settings(sampler, adaptation=adaptation, tune=50, draws=10)
    written = named_statistics(trim(sampled(built, asked)[0].trace).sample_stats)
    assert sum(one.nbytes for one in written.data_vars.values()) == 20 * statistics_bytes(sampler, adaptation)


def test_plans_know_the_statistics_of_every_sampler():
    assert set(STATISTICS_BYTES) == {*SAMPLERS, PRIOR}


def test_the_same_seed_gives_the_same_draws_with_one_process_or_two(built):
    one, two = (sampled(built, settings("pymc", cores=cores))[0].trace for cores in (1, 2))
    np.testing.assert_array_equal(one["posterior"]["spread"].values, two["posterior"]["spread"].values)


@pytest.mark.parametrize("cores", [1, 2])
def test_pymc_stops_with_the_draws_so_far(built, cores, monkeypatch):
    from nx_study_posterior.samplers import pymc_nuts

    monkeypatch.setattr(pymc_nuts, "REPORT_S", 0)
    done, _ = sampled(
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
    done, _ = sampled(built, settings("pymc"), lambda _reports: True)
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


@pytest.mark.slow
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
