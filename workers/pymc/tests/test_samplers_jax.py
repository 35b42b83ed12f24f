"""NUTS in JAX. After test_samplers.py: JAX starts threads, and PyMC's sampler forks there."""

import sys
from itertools import pairwise

import numpy as np
import pymc as pm
import pytest
from small_fits import check_shape, sample, settings, small_model

from nx_study_posterior.built import BuiltModel
from nx_study_posterior.sampler_statistics import statistics_bytes
from nx_study_posterior.samplers import check_installed, prepare
from nx_study_posterior.starting import start_points
from nx_study_posterior.trimming import trim
from nx_study_worker import Unsupported, WorkerError

# JAX takes seconds to start, and each sampler to compile.
pytestmark = pytest.mark.slow

LIBRARIES = ["numpyro", "blackjax"]
both = pytest.mark.parametrize("sampler", LIBRARIES)


@pytest.fixture(scope="module", params=LIBRARIES)
def prepared(request):
    return prepare(small_model(), settings(request.param))


@pytest.fixture(scope="module")
def trace(prepared):
    return check_shape(prepared)


@pytest.fixture
def step_by_step(monkeypatch):
    """A step is a piece, and is told."""
    from nx_study_posterior.samplers import jax_nuts

    monkeypatch.setattr(jax_nuts, "PIECE_S", 0)
    monkeypatch.setattr(jax_nuts, "REPORT_S", 0)


def equal(one, other):
    for group in ("posterior", "sample_stats"):
        for name, values in one[group].data_vars.items():
            np.testing.assert_array_equal(values.values, other[group][name].values, err_msg=name)


def test_statistics_are_those_of_other_samplers(prepared, trace):
    statistics = trace["sample_stats"]
    assert statistics["diverging"].dtype == statistics["reached_max_treedepth"].dtype == bool
    assert not statistics["reached_max_treedepth"].any()
    steps, depth = statistics["n_steps"].values, statistics["tree_depth"].values
    assert (2 ** (depth - 1) <= steps).all()
    assert (steps < 2**depth).all()
    assert (statistics["step_size"].values == statistics["step_size"].values[:, :1]).all()
    size = sum(values.nbytes for values in statistics.data_vars.values())
    assert size == statistics_bytes(prepared.packages[-1], "diag") * steps.size
    assert 0.5 < statistics["acceptance_rate"].values.mean() < 1


@pytest.mark.usefixtures("step_by_step")
def test_draws_do_not_depend_on_the_size_of_pieces(prepared, trace):
    done, reports = sample(prepared)
    equal(trace, done.trace)
    assert [report.done for report in reports] == [*range(2, 1002, 2), 1000]
    assert [report.phase for report in reports] == ["tuning"] * 200 + ["sampling"] * 301
    assert all(earlier.gradients < later.gradients for earlier, later in pairwise(reports[:500]))
    statistics = trace["sample_stats"]
    assert reports[-1].divergences == int(statistics["diverging"].sum())
    assert reports[-1].gradients - reports[199].gradients == int(statistics["n_steps"].sum())


@pytest.mark.usefixtures("step_by_step")
def test_stops_with_the_draws_so_far(prepared, trace):
    done, _ = sample(prepared, lambda reports: len(reports) == 230)
    assert (done.complete, trim(done.trace).lengths) == (False, [30, 30])
    equal(done.trace, {name: trace[name].to_dataset().isel(draw=slice(30)) for name in trace.children})


@pytest.mark.usefixtures("step_by_step")
def test_stopped_while_tuning_has_no_draw(prepared):
    done, _ = sample(prepared, lambda reports: len(reports) == 200)
    assert (done.complete, trim(done.trace).posterior) == (False, None)


@pytest.fixture(scope="module")
def shares():
    with pm.Model() as model:
        pm.Dirichlet("share", [20.0, 30.0, 50.0])
        pm.Normal("x", 1, 2)
    return BuiltModel(model)


def start_of(built, asked):
    """What the libraries' own functions get: log density, keys, and where the chains start."""
    import jax
    import jax.numpy as jnp

    from nx_study_posterior.samplers.jax_nuts import get_jaxified_graph

    logp = get_jaxified_graph(inputs=built.model.value_vars, outputs=[built.model.logp()])
    starts = start_points(built, asked.seed, asked.chains, unconstrained=True)
    position = [jnp.stack([start[value.name] for start in starts]) for value in built.model.value_vars]
    keys = jax.random.split(jax.random.PRNGKey(asked.seed), asked.chains)
    return jax.jit(lambda values: logp(*values)[0]), keys, position


def drawn(shares, sampler):
    """The settings of a short chain, and what it draws."""
    asked = settings(sampler, chains=1, tune=60, draws=20)
    prepared = prepare(shares, asked)
    done, _ = sample(prepared)
    assert prepared.parameters == 3
    assert done.trace["posterior"]["share"].shape == (1, 20, 3)
    return asked, done


def test_numpyro_draws_what_its_own_loop_draws(shares, monkeypatch):
    from numpyro.infer import MCMC, NUTS

    from nx_study_posterior.samplers import numpyro_nuts

    monkeypatch.setattr(numpyro_nuts, "MAX_TREEDEPTH", 2)
    asked, done = drawn(shares, "numpyro")
    density, keys, position = start_of(shares, asked)
    kernel = NUTS(
        potential_fn=lambda values: -density(values),
        target_accept_prob=asked.target_accept,
        max_tree_depth=2,
    )
    own = MCMC(kernel, num_warmup=asked.tune, num_samples=asked.draws, progress_bar=False)
    fields = ("potential_energy", "energy", "num_steps", "accept_prob", "adapt_state.step_size")
    own.run(keys[0], init_params=[values[0] for values in position], extra_fields=fields)
    np.testing.assert_allclose(done.trace["posterior"]["x"][0], own.get_samples()[1], rtol=1e-6)
    told = own.get_extra_fields()
    for name, expected in {
        "lp": -told["potential_energy"],
        "energy": told["energy"],
        "n_steps": told["num_steps"],
        "reached_max_treedepth": told["num_steps"] == 3,
        "acceptance_rate": told["accept_prob"],
        "step_size": told["adapt_state.step_size"],
    }.items():
        np.testing.assert_allclose(done.trace["sample_stats"][name][0], expected, rtol=1e-6, err_msg=name)


def test_blackjax_draws_what_its_own_loop_draws(shares, monkeypatch):
    import blackjax
    import jax

    from nx_study_posterior.samplers import blackjax_nuts

    monkeypatch.setattr(blackjax_nuts, "MAX_TREEDEPTH", 2)
    asked, done = drawn(shares, "blackjax")
    density, keys, position = start_of(shares, asked)
    own = blackjax.window_adaptation(
        blackjax.nuts, density, target_acceptance_rate=asked.target_accept, max_num_doublings=2
    )
    ends = set()
    start = [values[0] for values in position]
    (state, found), _ = jax.jit(own.run, static_argnums=2)(keys[0], start, asked.tune)
    step = jax.jit(blackjax.nuts(density, **found).step)
    for at in range(asked.draws):
        state, info = step(jax.random.fold_in(keys[0], asked.tune + at), state)
        values = {name: float(one[0, at]) for name, one in done.trace["sample_stats"].data_vars.items()}
        assert float(done.trace["posterior"]["x"][0, at]) == pytest.approx(float(state.position[1]), rel=1e-6)
        assert values["lp"] == pytest.approx(float(state.logdensity), rel=1e-6)
        assert values["energy"] == pytest.approx(float(info.energy), rel=1e-6)
        assert values["tree_depth"] == int(info.num_trajectory_expansions)
        ends.add((int(info.num_trajectory_expansions), bool(info.is_turning)))
        assert values["reached_max_treedepth"] == (not info.is_turning)
        assert not info.is_divergent
        assert values["n_steps"] == int(info.num_integration_steps)
        assert values["acceptance_rate"] == pytest.approx(float(info.acceptance_rate), rel=1e-6)
        assert values["step_size"] == pytest.approx(float(found["step_size"]), rel=1e-6)
    assert {(2, True), (2, False)} <= ends


def flat(x):
    pm.Potential("flat", 0 * x.sum())


def steep(x):
    pm.Potential("steep", pm.math.sqrt(pm.math.abs(x[1])))


@pytest.mark.parametrize(
    ("add", "told"),
    [
        (flat, "gradient with respect to x_0, x_1 is zero"),
        (steep, "gradient with respect to x_1 is not finite"),
    ],
)
@both
def test_a_start_that_is_of_no_use_is_named(sampler, add, told):
    with pm.Model() as model:
        add(pm.Flat("x", shape=2) if add is flat else pm.Normal("x", shape=2))
    steady = BuiltModel(model, initial={"x": np.zeros(2)}, steady=frozenset({"x"}))
    with pytest.raises(WorkerError, match=f"start point: the {told}"):
        prepare(steady, settings(sampler))


def test_an_operation_that_jax_lacks_is_named():
    import pytensor.tensor as pt
    from pytensor.compile.ops import wrap_py

    @wrap_py(itypes=[pt.dscalar], otypes=[pt.dscalar])
    def twice(x):
        return np.asarray(2 * x)

    with pm.Model() as model:
        pm.Potential("odd", twice(pm.Normal("x")))
    with pytest.raises(Unsupported, match=r"numpyro can't run this model in JAX: .*FromFunctionOp"):
        prepare(BuiltModel(model), settings("numpyro"))


@both
def test_a_sampler_that_is_missing_is_named(sampler, monkeypatch):
    monkeypatch.setitem(sys.modules, sampler, None)  # Python's sign that there is none
    monkeypatch.setitem(sys.modules, "jax", None)
    told = f"sampler: {sampler} needs jax and {sampler}, which this environment lacks"
    with pytest.raises(Unsupported, match=told):
        check_installed(sampler)
