"""The registry: what every structure says of itself is true of the model that it builds."""

import numpy as np
import pytest
from conftest import SENATE, SIMULATED, senate, simulated
from jsonschema import Draft202012Validator

from ideal_point.check import check
from ideal_point.config import read_configuration
from ideal_point.data import observe
from ideal_point.derive.fit import log_likelihood
from ideal_point.keys import KEYS, configuration_schema
from ideal_point.log_odds import log_odds
from ideal_point.models import STRUCTURES, build_model, joint
from nx_study_worker import Unsupported

# The same chamber again as a further one.
AGAIN = {"name": "again", **{key: str(SIMULATED / f"{key}.csv") for key in ("votes", "legislators")}}
# Two chambers, of which the second one has people of its own.
SENATES = {
    **senate(sample={"rollcalls": 12, "seed": 1}),
    "model": "joint",
    "linked": [{key: str(SENATE / f"senate-106.{key}.csv") for key in ("votes", "legislators")}],
}
# A configuration of each structure.
EXAMPLES = {
    "flat": {},
    "hierarchical": {},
    "rasch": {"polarity": "party"},
    "two-dimensional": {},
    "joint": {"linked": [AGAIN]},
    "dynamic": {"linked": [AGAIN]},
}


def example(model, **more):
    return simulated(model=model, **{**EXAMPLES[model], **more})


def built(configuration):
    read = read_configuration(configuration)
    observations = observe(read)
    return build_model(read, observations), observations


def test_every_structure_has_an_example():
    assert set(EXAMPLES) == set(STRUCTURES)


def test_a_further_chamber_with_people_of_its_own_has_a_mean_and_a_spread():
    model_built, observations = built(SENATES)
    model, home = model_built.model, observations.chambers.home
    assert model.coords["further_chamber"] == ("senate-106",)
    # Who sits in both is at home in the first one.
    first, second = observations.report["chambers"]
    assert (home == 0).sum() == first["members"]
    assert home.sum() == second["members"] - second["linked_by"]
    positions = model.logp(vars=[model["xi"]], sum=False)[0]
    point, generator = model.initial_point(), np.random.default_rng(1)
    of_positions = {name: value for name, value in point.items() if name not in ("alpha", "beta")}
    point = {name: generator.normal(size=np.shape(value)) for name, value in of_positions.items()}
    inputs = [value for value in model.value_vars if value.name in point]
    density = model.compile_fn(positions, inputs=inputs, mode="FAST_COMPILE", point_fn=True)(point)
    (log_spread,) = next(value for name, value in point.items() if "sigma_chamber" in name)
    center, spread = np.where(home, point["mu_chamber"], 0), np.where(home, np.exp(log_spread), 1)
    expected = -(((point["xi"] - center) / spread) ** 2) / 2 - np.log(spread * np.sqrt(2 * np.pi))
    assert density == pytest.approx(expected)


def weakly_linked(monkeypatch):
    """The same chambers, as if links said too little."""
    monkeypatch.setattr(joint, "INFORMATION_MIN", np.inf)
    return built(SENATES)


def test_few_links_with_few_votes_have_offsets(monkeypatch):
    information = []
    of = joint._information
    monkeypatch.setattr(joint, "_information", lambda *one: information.append(of(*one)) or information[-1])
    for rollcalls in (5, 12, 60):
        model_built, _ = built({**SENATES, "sample": {"rollcalls": rollcalls, "seed": 1}})
        way = model_built.notes["parametrisation"]["senate-106"]
        assert way == ("non-centred" if information[-1] < 2 else "centred")
        assert ("xi_offset" in model_built.model.named_vars) == (way == "non-centred")
    assert information == sorted(information)
    assert information[0] < 2 < information[1]


def test_offsets_of_a_joint_model_have_the_density_of_positions_and_difficulties(monkeypatch):
    """The Jacobian of ξ = μ + σ z is Σ log σ, and that of α = offset + β μ is 1."""
    plain = built(SENATES)[0].model
    model_built, observations = weakly_linked(monkeypatch)
    model = model_built.model
    names = ("xi", "alpha", "beta", "mu_chamber", "sigma_chamber")
    density = model.logp(vars=[model["xi_offset"], model["alpha_offset"]])
    generator = np.random.default_rng(1)
    point = {name: generator.normal(size=np.shape(at)) for name, at in model.initial_point().items()}
    outputs = model.replace_rvs_by_values([density, *(model[name] for name in names)])
    density, *values = model.compile_fn(outputs, mode="FAST_COMPILE", point_fn=True)(point)
    value = dict(zip(names, values, strict=True))
    home, second = observations.chambers.home == 1, observations.chambers.of_rollcall == 1
    spread = np.where(home, value["sigma_chamber"], 1)
    np.testing.assert_allclose(
        value["xi"], np.where(home, value["mu_chamber"], 0) + spread * point["xi_offset"]
    )
    np.testing.assert_allclose(
        value["alpha"], point["alpha_offset"] + np.where(second, value["mu_chamber"], 0) * value["beta"]
    )
    point = {name: point.get(name, value.get(name)) for name in plain.initial_point()}
    of_plain = plain.logp(vars=[plain["xi"], plain["alpha"]])
    expected = plain.compile_fn(
        of_plain, inputs=plain.value_vars, mode="FAST_COMPILE", point_fn=True, on_unused_input="ignore"
    )(point)
    assert density == pytest.approx(expected + np.log(spread).sum())


def test_a_joint_model_starts_where_the_components_of_the_chambers_are(monkeypatch):
    model_built, observations = built(SENATES)
    start, home = model_built.initial, observations.chambers.home == 1
    scores = observations.component.scores
    assert start["xi"].tolist() == scores.tolist()
    assert start["mu_chamber"] == pytest.approx([scores[home].mean()])
    assert start["sigma_chamber"] == pytest.approx([scores[home].std()])
    assert model_built.jittered == ["alpha", "beta"]
    with_offsets = weakly_linked(monkeypatch)[0]
    start = with_offsets.initial
    center, spread = np.where(home, start["mu_chamber"], 0), np.where(home, start["sigma_chamber"], 1)
    np.testing.assert_allclose(center + spread * start["xi_offset"], scores)
    assert with_offsets.jittered == ["beta", "alpha_offset"]


def test_a_mean_of_a_chamber_that_has_a_side_leaves_no_mirror_image():
    assert built(SENATES)[0].notes["reflection_symmetric"] is True
    sided = {**SENATES, "shift_prior": {"distribution": "normal", "mu": 1, "sigma": 1}}
    assert built(sided)[0].notes["reflection_symmetric"] is False


@pytest.mark.parametrize("model", STRUCTURES)
def test_likelihood_is_that_of_the_log_odds_from_its_variables(model):
    """One formula computes the log-odds of all structures from draws: the model's own must be the same."""
    model_built, observations = built(example(model))
    of_model = model_built.model
    saved = [*of_model.free_RVs, *of_model.deterministics]
    votes = of_model.compile_fn(
        of_model.replace_rvs_by_values([of_model.logp(vars=[of_model["y"]], sum=False)[0], *saved]),
        mode="FAST_COMPILE",
        point_fn=True,
    )
    point = of_model.initial_point()
    generator = np.random.default_rng(1)
    member, rollcall, y = observations.cells
    for _ in range(2):
        density, *values = votes({name: generator.normal(size=np.shape(at)) for name, at in point.items()})
        by_name = {variable.name: np.asarray(value) for variable, value in zip(saved, values, strict=True)}
        assert density == pytest.approx(log_likelihood(y, log_odds(by_name, member, rollcall)))


@pytest.mark.parametrize("model", STRUCTURES)
def test_what_is_fixed_is_said_with_the_model(model):
    model_built, _ = built(example(model))
    assert model_built.notes["identification"] == STRUCTURES[model].identification
    assert {"reflection_symmetric", "identification"} <= set(model_built.notes)


@pytest.mark.parametrize("model", STRUCTURES)
def test_a_setting_that_a_structure_does_not_read_is_refused(model):
    changed = {
        "spread_prior": {"distribution": "halfnormal", "sigma": 2},
        "drift_prior": {"distribution": "halfnormal", "sigma": 2},
        "shift_prior": {"distribution": "normal", "mu": 0, "sigma": 1},
        "stretch_prior": {"distribution": "halfnormal", "sigma": 1},
        "linked": [AGAIN] if "linked" not in EXAMPLES[model] else [{**AGAIN, "name": "twice"}],
        "parametrisation": "mixed",
        "anchors": ["1001", "1030"],
    }
    assert set.union(*(set(one.reads) for one in STRUCTURES.values())) == set(changed)
    for setting, value in changed.items():
        assert value != KEYS[setting]["default"]
        accepted = Draft202012Validator(configuration_schema()).is_valid(example(model, **{setting: value}))
        assert accepted == (setting in STRUCTURES[model].reads), setting


def test_rasch_needs_roll_calls_of_one_side():
    (problem,) = check(example("rasch", polarity="none"))["problems"]
    assert problem["path"] == "polarity"
    assert "model: rasch needs polarity: party" in problem["message"]
    with pytest.raises(Unsupported, match="the same party's side"):
        built(example("rasch", polarity="none"))


@pytest.mark.parametrize("parametrisation", ["centred", "mixed"])
def test_parametrisations_are_the_same_model(parametrisation):
    """Densities of ξ differ by the Jacobian of ξ = μ + σ z, Σ log σ over whoever is centred."""
    plain, observations = built(example("hierarchical"))
    other, _ = built(example("hierarchical", parametrisation=parametrisation))
    generator = np.random.default_rng(1)
    point = {name: generator.normal(size=np.shape(at)) for name, at in plain.model.initial_point().items()}
    mu = np.cumsum([point["mu_party_ordered__"][0], np.exp(point["mu_party_ordered__"][1])])
    sigma = np.exp(point["sigma_within_log__"])
    group = (observations.parties == "R").astype(int)
    positions = mu[group] + sigma[group] * point["xi_offset"]
    written = other.notes["parametrisation"]
    centred = np.array([written[party] == "centred" for party in ("D", "R")])[group]
    name = "xi" if centred.all() else "xi_mixed"
    values = np.where(centred, positions, point["xi_offset"])
    moved = {key: value for key, value in point.items() if key != "xi_offset"} | {name: values}
    densities = [
        float(one.model.compile_logp(mode="FAST_COMPILE")(at)) for one, at in ((plain, point), (other, moved))
    ]
    assert densities[0] - densities[1] == pytest.approx(np.log(sigma[group])[centred].sum())
    assert centred.any()


def test_mixed_centres_the_party_that_its_votes_tell_more_of():
    from ideal_point.models.parametrisation import by_party
    from ideal_point.priors import Prior

    beta = Prior("normal", {"mu": 0, "sigma": 1})
    # 0.2² · 80 / 4 = 0.8 and 0.2² · 120 / 4 = 1.2.
    spreads, votes = {"D": 0.2, "R": 0.2}, {"D": 80.0, "R": 120.0}
    assert by_party("mixed", spreads, votes, beta) == {"D": "non-centred", "R": "centred"}
    assert by_party("centred", spreads, votes, beta) == {"D": "centred", "R": "centred"}
    assert by_party("mixed", spreads, votes, Prior("lognormal", {"mu": 1, "sigma": 0.1})) == dict.fromkeys(
        "DR", "centred"
    )
