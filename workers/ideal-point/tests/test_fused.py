"""The kernel and its operation against the plain graph of PyMC."""

import pickle
from dataclasses import replace

import arviz as az
import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
import xarray as xr
from conftest import simulated
from pymc.pytensorf import rewrite_pregrad
from pytensor.compile.mode import Mode
from pytensor.graph.traversal import ancestors

from ideal_point.config import read_configuration
from ideal_point.data import observe
from ideal_point.models import build_model
from ideal_point.models.fused import CellLogits, CellLogLikelihood, VotesLogLikelihood
from ideal_point.models.kernel import padded
from ideal_point.models.likelihood import DENSE_SHARE, coordinates, observe_votes
from nx_study_posterior.compiling import _evaluate, compile_model
from nx_study_posterior.samplers import prepare
from nx_study_posterior.sampling import Settings

FUSED = (CellLogits, CellLogLikelihood, VotesLogLikelihood)


def observed(share=1.0, **more):
    """The simulated chamber with a share of its votes, and its configuration."""
    configuration = read_configuration(simulated(**more))
    observations = observe(configuration)
    keep = np.random.default_rng(2).random(observations.matrix.shape) < share
    return configuration, replace(observations, matrix=np.where(keep, observations.matrix, np.nan))


def plain_model(configuration, observations):
    """The flat model as one would write it."""
    member, rollcall, votes = observations.cells
    members, rollcalls = observations.matrix.shape
    with pm.Model() as model:
        xi = configuration.position_prior.variable("xi", shape=members)
        alpha = configuration.alpha_prior.variable("alpha", shape=rollcalls)
        beta = configuration.beta_prior.variable("beta", shape=rollcalls)
        pm.Bernoulli("y", logit_p=beta[rollcall] * xi[member] - alpha[rollcall], observed=votes)
    return model


def operations(*graphs):
    nodes = {variable.owner for variable in ancestors(graphs) if variable.owner is not None}
    return [type(node.op) for node in nodes if isinstance(node.op, FUSED)]


@pytest.fixture(scope="module", params=["NUMBA", Mode(linker="py")], ids=["kernel", "numpy"])
def kernel(request):
    """(ξ, α, β, signs) → value and gradients, for positions of one and of several dimensions."""
    functions = {}
    for dimensions, make in ((1, pt.dvector), (2, pt.dmatrix)):
        inputs = [make("xi"), pt.dvector("alpha"), make("beta"), pt.bmatrix("signs")]
        value = VotesLogLikelihood()(*inputs)[0]
        functions[dimensions] = pytensor.function(
            inputs, [value, *pt.grad(value, inputs[:3])], mode=request.param
        )
    return functions


@pytest.fixture(scope="module")
def reference():
    """(ξ, α, β, member, roll call, votes) → value and gradients by PyMC."""
    xi, alpha, beta = pt.dmatrix("xi"), pt.dvector("alpha"), pt.dmatrix("beta")
    member, rollcall, votes = pt.lvector("member"), pt.lvector("rollcall"), pt.lvector("votes")
    eta = (beta[rollcall] * xi[member]).sum(axis=1) - alpha[rollcall]
    value = pm.logp(pm.Bernoulli.dist(logit_p=eta), votes).sum()
    inputs = [xi, alpha, beta, member, rollcall, votes]
    return pytensor.function(inputs, [value, *pt.grad(value, inputs[:3])], mode="NUMBA")


def signs_of(matrix):
    signs = np.zeros((matrix.shape[0], padded(matrix.shape[1])), dtype=np.int8)
    signs[:, : matrix.shape[1]] = np.nan_to_num(2 * matrix - 1)
    return signs


def case(seed):
    """Any shape, any pattern of votes, any size of η, up to beyond ±700."""
    random = np.random.default_rng(seed)
    members, rollcalls, dimensions = random.integers(1, 40), random.integers(1, 40), random.integers(1, 4)
    scale = random.choice([0.01, 1.0, 3.0, 30.0])
    votes = random.integers(0, 2, (members, rollcalls)).astype(float)
    missing = random.random((members, rollcalls)) < random.choice([0.0, 0.05, 0.5, 0.95])
    missing[random.random(members) < 0.1] = True
    missing[:, random.random(rollcalls) < 0.1] = True
    xi, alpha, beta = (
        scale * random.normal(size=shape)
        for shape in ((members, dimensions), rollcalls, (rollcalls, dimensions))
    )
    return xi, alpha, beta, np.where(missing, np.nan, votes)


def test_value_and_gradient_are_those_of_the_plain_graph(kernel, reference):
    largest = 0.0
    for seed in range(150):
        xi, alpha, beta, matrix = case(seed)
        member, rollcall = np.nonzero(np.isfinite(matrix))
        expected = reference(xi, alpha, beta, member, rollcall, matrix[member, rollcall].astype(np.int64))
        if xi.shape[1] == 1:
            found = kernel[1](xi[:, 0], alpha, beta[:, 0], signs_of(matrix))
        else:
            found = kernel[2](xi, alpha, beta, signs_of(matrix))
        # Sums of both signs cancel: a gradient is as exact as the largest of its terms.
        terms = [1.0, np.abs(beta).max(), 1.0, np.abs(xi).max()]
        for one, other, term in zip(found, expected, terms, strict=True):
            np.testing.assert_allclose(
                one, np.reshape(other, np.shape(one)), rtol=1e-10, atol=1e-12 * term, err_msg=f"seed {seed}"
            )
        largest = max(largest, np.abs(xi @ beta.T - alpha).max())
    assert largest > 700


def test_every_cell_is_exact_to_twelve_digits(kernel):
    tiny = 10.0 ** np.arange(-300, 0, 20)
    for eta in np.concatenate([np.linspace(-745, 745, 299), np.linspace(-3, 3, 101), tiny, -tiny, [0.0]]):
        value, _, d_alpha, _ = kernel[1](*map(np.array, ([0.0], [-eta], [0.0])), signs_of(np.ones((1, 1))))
        small = np.exp(-abs(eta))
        # Below the smallest normal number there are not twelve digits, and they change no sum.
        close = {"rel": 1e-12, "abs": 1e-300}
        assert value == pytest.approx(min(eta, 0) - np.log1p(small), **close)
        assert -d_alpha[0] == pytest.approx((small if eta > 0 else 1) / (1 + small), **close)


def test_infinite_and_missing(kernel):
    matrix = np.array([[1.0, np.nan], [0.0, 1.0]])
    xi, alpha, beta = np.array([1e200, 1.0]), np.zeros(2), np.array([1e200, -1e200])
    # The cell without a vote is the only one whose η of −∞ would count.
    assert kernel[1](xi, alpha, beta, signs_of(matrix))[0] == -2e200
    assert kernel[1](-xi, alpha, beta, signs_of(matrix))[0] == -np.inf
    assert np.isnan(kernel[1](xi, np.array([np.nan, 0.0]), beta, signs_of(matrix))[0])
    assert kernel[1](xi, alpha, beta, signs_of(np.full((2, 2), np.nan)))[0] == 0


def test_arrays_of_other_lengths_are_refused(kernel):
    signs = signs_of(np.ones((3, 9)))
    for members, rollcalls, of_beta in ((2, 9, 9), (3, 8, 8), (3, 9, 8), (3, 17, 17)):
        with pytest.raises(ValueError, match="not as long as"):
            kernel[1](np.ones(members), np.ones(rollcalls), np.ones(of_beta), signs)


@pytest.mark.parametrize("model", ["flat", "hierarchical"])
def test_the_density_of_a_model_is_one_operation_and_a_cell_keeps_its_own(model):
    built = build_model(*observed(model=model))
    total = rewrite_pregrad(built.model.logp())
    gradient = pt.grad(total, built.model.value_vars)
    assert operations(total, *gradient) == [VotesLogLikelihood]
    (cells,) = built.model.logp(vars=[built.model["y"]], sum=False)
    assert VotesLogLikelihood not in operations(rewrite_pregrad(cells))


@pytest.mark.slow
@pytest.mark.parametrize("share", [1.0, DENSE_SHARE / 2])
def test_what_is_sampled_is_the_density_of_the_plain_model(share):
    configuration, observations = observed(share)
    compiled = compile_model(build_model(configuration, observations))
    nodes = [type(node.op) for node in compiled.logp_func.maker.fgraph.toposort()]
    # Where little is observed, the plain graph is the faster one.
    assert sum(issubclass(node, FUSED) for node in nodes) == (share == 1)
    plain = compile_model(
        replace(build_model(configuration, observations), model=plain_model(configuration, observations))
    )
    random = np.random.default_rng(4)
    for scale in (0.1, 1, 5, 40):
        point = scale * random.normal(size=compiled.n_dim)
        (value, gradient), (expected, of_plain) = _evaluate(compiled, point), _evaluate(plain, point)
        assert value == pytest.approx(expected, rel=1e-10)
        np.testing.assert_allclose(gradient, of_plain, rtol=1e-10, atol=1e-10)


def test_other_votes_than_those_observed_count_as_given():
    configuration, observations = observed()
    model = build_model(configuration, observations).model
    votes = pt.lvector("votes")
    total = pm.logp(model["y"], votes).sum()
    parameters = [model[name] for name in ("xi", "alpha", "beta")]
    function = pytensor.function([*parameters, votes], total, mode="FAST_COMPILE")
    assert VotesLogLikelihood in [type(node.op) for node in function.maker.fgraph.toposort()]
    random = np.random.default_rng(6)
    xi, alpha, beta = (random.normal(size=shape) for shape in (30, 40, 40))
    member, rollcall, read = observations.cells
    eta = beta[rollcall] * xi[member] - alpha[rollcall]
    for others in (1 - read, random.integers(0, 2, len(read))):
        assert function(xi, alpha, beta, others) == pytest.approx(np.sum(others * eta - np.logaddexp(0, eta)))


def test_second_derivatives_are_those_of_the_plain_graph():
    inputs = [pt.dvector("xi"), pt.dvector("alpha"), pt.dvector("beta"), pt.bmatrix("signs")]
    xi, alpha, beta, signs = inputs
    directions = [pt.dvector(name) for name in ("of_xi", "of_alpha", "of_beta")]
    eta = xi[:, None] * beta - alpha
    plain = pt.sum(pt.abs(signs[:, :3]) * pt.log(pt.sigmoid(signs[:, :3] * eta)))
    seconds = [
        pytensor.gradient.pullback(pt.grad(value, inputs[:3]), inputs[:3], directions)
        for value in (VotesLogLikelihood()(*inputs)[0], plain)
    ]
    function = pytensor.function([*inputs, *directions], [*seconds[0], *seconds[1]], mode="FAST_COMPILE")
    random = np.random.default_rng(8)
    values = [random.normal(size=size) for size in (4, 3, 3)]
    matrix = np.where(random.random((4, 3)) < 0.2, np.nan, random.integers(0, 2, (4, 3)))
    found = function(*values, signs_of(matrix), *(random.normal(size=size) for size in (4, 3, 3)))
    for one, other in zip(found[:3], found[3:], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)


def test_operations_are_equal_by_what_they_do_and_can_be_pickled():
    operation = pickle.loads(pickle.dumps(VotesLogLikelihood()))
    assert operation == VotesLogLikelihood()
    node = operation.make_node(np.ones(1), np.zeros(1), np.ones(1), signs_of(np.ones((1, 1))))
    assert node.outputs[0].eval(mode="FAST_COMPILE") == pytest.approx(-np.log1p(np.exp(-1)))


def test_positions_of_two_dimensions_are_one_operation_too():
    _, observations = observed()
    members, rollcalls = observations.matrix.shape
    with pm.Model(coords=coordinates(observations)) as model:
        xi = pm.Normal("xi", shape=(members, 2))
        alpha = pm.Normal("alpha", shape=rollcalls)
        beta = pm.Normal("beta", shape=(rollcalls, 2))
        observe_votes(observations, xi, alpha, beta)
    assert operations(rewrite_pregrad(model.logp())) == [VotesLogLikelihood]
    random = np.random.default_rng(9)
    point = {name: random.normal(size=np.shape(value)) for name, value in model.initial_point().items()}
    member, rollcall, votes = observations.cells
    eta = (point["beta"][rollcall] * point["xi"][member]).sum(axis=1) - point["alpha"][rollcall]
    likelihood = np.sum(votes * eta - np.logaddexp(0, eta))
    priors = sum(np.sum(-(value**2) / 2 - np.log(2 * np.pi) / 2) for value in point.values())
    density = model.compile_logp(mode="FAST_COMPILE")
    assert float(density(point)) == pytest.approx(likelihood + priors, rel=1e-12)


@pytest.mark.slow
def test_votes_are_predicted_and_their_likelihoods_computed():
    configuration, observations = observed()
    member, rollcall, votes = observations.cells
    with build_model(configuration, observations).model:
        prior = pm.sample_prior_predictive(draws=300, random_seed=1)
        tree = xr.DataTree.from_dict({"posterior": prior["prior"].to_dataset().isel(draw=slice(8))})
        pm.compute_log_likelihood(tree, progressbar=False)
        predicted = pm.sample_posterior_predictive(
            tree.isel(draw=[0] * 300), random_seed=2, progressbar=False
        )
    xi, alpha, beta = (prior["prior"][name].values[0] for name in ("xi", "alpha", "beta"))
    eta = beta[:, rollcall] * xi[:, member] - alpha[:, rollcall]
    expected = votes * eta - np.logaddexp(0, eta)
    np.testing.assert_allclose(tree["log_likelihood"]["y"].values[0], expected[:8], rtol=1e-10, atol=1e-15)
    # 300 draws of each of some 1,100 cells: five standard errors.
    chance = 1 / (1 + np.exp(-eta))
    for drawn, probability in (
        (prior["prior_predictive"]["y"].values[0], chance),
        (predicted["posterior_predictive"]["y"].values[0], chance[:1]),
    ):
        assert set(np.unique(drawn)) == {0, 1}
        spread = np.sqrt((probability * (1 - probability)).mean() / drawn.size)
        assert abs(drawn.mean() - probability.mean()) < 5 * spread


@pytest.mark.slow
def test_the_posterior_is_that_of_the_plain_model():
    configuration, observations = observed(beta_prior={"distribution": "lognormal", "mu": 0, "sigma": 0.5})
    built = build_model(configuration, observations)
    summaries = []
    for seed, model in enumerate((built.model, plain_model(configuration, observations))):
        settings = Settings(
            chains=2, tune=300, draws=500, target_accept=0.8, adaptation="diag", seed=seed, cores=2
        )
        prepared = prepare(replace(built, model=model), settings)
        trace = prepared.sample(lambda _: None, lambda: False).trace
        draws = trace["posterior"].to_dataset()[["xi", "alpha", "beta"]]
        summaries.append((draws.mean(("chain", "draw")), az.mcse(draws)))
    (mean, error), (of_plain, error_of_plain) = summaries
    for name in ("xi", "alpha", "beta"):
        distance = (mean[name].values - of_plain[name].values) / np.hypot(error[name], error_of_plain[name])
        assert abs(distance).max() < 5, name
        assert np.sqrt((distance**2).mean()) < 1.6, name
