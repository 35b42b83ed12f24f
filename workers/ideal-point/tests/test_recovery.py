"""Simulation-based: positions drawn from the prior must lie in their 90 % intervals nine times out of ten."""

import importlib
from functools import partial

import numpy as np
import pytest
from conftest import WORKER, simulated, write_request

from ideal_point.derive.derived import derive
from ideal_point.measure import measure
from ideal_point.models import STRUCTURES
from nx_study_worker import Events, Request, Run, Stop

MEMBERS, ROLLCALLS, CHAMBERS = 40, 40, 5


@pytest.fixture
def recovery(monkeypatch):
    monkeypatch.syspath_prepend(str(WORKER / "tools"))
    return importlib.import_module("recovery")


def measured_here(folder, configuration, seed=1):
    """A measurement without a process of its own; the test needs `own_signals`."""
    write_request(folder, configuration, seed)
    with Events(folder / "events.jsonl") as events:
        return measure(Run(folder, Request.read(folder / "request.json"), events, Stop()))


def chamber(folder, seed):
    """Votes from exactly the model that will be fitted; R are those above the middle."""
    generator = np.random.default_rng(seed)
    xi, alpha, beta = (
        generator.normal(size=MEMBERS),
        generator.normal(size=ROLLCALLS),
        generator.normal(size=ROLLCALLS),
    )
    eta = np.outer(xi, beta) - alpha
    votes = generator.random(eta.shape) < 1 / (1 + np.exp(-eta))
    folder.mkdir()
    rows = [f"{index},{','.join(str(int(vote)) for vote in row)}" for index, row in enumerate(votes)]
    (folder / "votes.csv").write_text(
        "\n".join(["id," + ",".join(f"v{n}" for n in range(ROLLCALLS)), *rows]) + "\n"
    )
    people = [f"{index},M{index},{'R' if value > 0 else 'D'}" for index, value in enumerate(xi)]
    (folder / "legislators.csv").write_text("\n".join(["id,name,party", *people]) + "\n")
    return xi


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.usefixtures("own_signals")
def test_positions_and_their_intervals(tmp_path):
    raw_covered, aligned_covered, correlations = [], [], []
    for seed in range(CHAMBERS):
        folder = tmp_path / str(seed)
        xi = chamber(folder, seed)
        configuration = {
            "votes": str(folder / "votes.csv"),
            "legislators": str(folder / "legislators.csv"),
            "alpha_prior": {"distribution": "normal", "mu": 0, "sigma": 1},
            "tune": 400,
            "draws": 400,
        }
        measured_here(folder, configuration, seed)
        positions = derive(folder / "draws.nc")["sections"]["ideal-point"]["positions"]
        standard = (xi - xi.mean()) / xi.std()
        for truth, scale, found in [(xi, "raw", raw_covered), (standard, "aligned", aligned_covered)]:
            intervals = np.array([position[scale]["eti90"] for position in positions])
            found.extend((intervals[:, 0] <= truth) & (truth <= intervals[:, 1]))
        means = [position["aligned"]["mean"] for position in positions]
        correlations.append(np.corrcoef(means, xi)[0, 1])
    assert min(correlations) > 0.85
    # 200 positions; those of one chamber share their scale, hence the room.
    assert 0.83 < np.mean(raw_covered) < 0.97
    assert 0.83 < np.mean(aligned_covered) < 0.97


# Other tests here, and of the measured chamber, recover what the flat, hierarchical and joint ones are for.
REPRESENTATIVE = "two-dimensional"


@pytest.mark.slow
@pytest.mark.parametrize(
    "structure",
    [pytest.param(name, marks=[] if name == REPRESENTATIVE else pytest.mark.long) for name in STRUCTURES],
)
def test_every_structure_recovers_what_was_simulated_from_it(structure, recovery, monkeypatch):
    """The bench `recovery` has twenty simulations; three show that nothing is off by much."""
    # From their prior, as in the bench, two parties may overlap so far that votes say nothing of their order.
    apart = np.array([-1.0, 1.0]), np.array([0.5, 0.5])
    monkeypatch.setitem(recovery.SIMULATORS, "hierarchical", partial(recovery.hierarchical, parties=apart))
    # From its prior, as in the bench, one β for all roll calls may be too small for votes to have a side.
    monkeypatch.setitem(recovery.RASCH_BETA, "sigma", 0.1)
    found = recovery.recovery(structure, 3)
    assert found["not_aligned"] == 0
    assert found["coverage"]["positions"] > 0.7
    assert found["correlation"]["positions"] > 0.6


@pytest.mark.slow
def test_a_joint_model_recovers_a_known_shift_between_chambers(recovery, tmp_path):
    fitter = recovery.Fitter()
    for shift in (0.0, 1.5):
        folder = tmp_path / str(shift)
        folder.mkdir()
        simulated = recovery.joint(folder, np.random.default_rng(4), shared=12, shift=shift)
        derived = fitter.fit(folder, simulated, seed=1)
        for name, truth in simulated.quantities.items():
            low, high = derived["estimates"][name]["eti90"]
            assert low < truth < high, (shift, name)
        # 18 of the 30 members of the second chamber are shifted.
        assert simulated.quantities["chamber_shift.two"] == pytest.approx(shift / 2, abs=0.2)
        low, high = derived["estimates"]["chamber_shift.two"]["eti90"]
        assert high - low < 0.6
        both = derived["sections"]["ideal-point"]["chambers"]
        assert [one["legislators"] for one in both] == [30, 30]
        assert max(one["mirrored_draw_share"] for one in both) == 0


@pytest.mark.slow
@pytest.mark.usefixtures("own_signals")
def test_hierarchical_model_recovers_party_means(tmp_path):
    measured_here(tmp_path, simulated(model="hierarchical", chains=2, tune=1000, draws=1000))
    derived = derive(tmp_path / "draws.nc")
    assert set(derived["variables"]) == {
        *("mu_party", "sigma_within", "xi_offset", "xi", "alpha", "beta", "log_density"),
    }
    assert derived["variables"]["mu_party"]["rhat_max"] < 1.02
    section = derived["sections"]["ideal-point"]
    assert section["sign"]["reflection_symmetric"] is False
    assert section["sign"]["split"] is False
    gap = section["parties"]["gap_aligned"]
    assert gap["eti90"][0] > 1


@pytest.mark.slow
@pytest.mark.usefixtures("own_signals")
def test_a_positive_prior_fits_recoded_votes_and_is_warned_about_otherwise(tmp_path):
    prior = {"distribution": "lognormal", "mu": 0, "sigma": 0.5}
    results = {}
    for polarity in ("none", "party"):
        folder = tmp_path / polarity
        configuration = simulated(beta_prior=prior, polarity=polarity, chains=2, tune=400, draws=400)
        results[polarity] = measured_here(folder, configuration).payload, derive(folder / "draws.nc")
    (raw, raw_derived), (recoded, derived) = results["none"], results["party"]
    assert [warning["code"] for warning in raw["warnings"]] == ["positive-prior-without-polarity"]
    assert recoded["warnings"] == []
    sections = raw_derived["sections"]["ideal-point"], derived["sections"]["ideal-point"]
    assert sections[1]["fit"]["correct_share"] > sections[0]["fit"]["correct_share"] + 0.05
    assert sections[1]["sign"]["reflection_symmetric"] is False
    assert all(rollcall["beta"]["eti90"][0] > 0 for rollcall in sections[1]["rollcalls"])
