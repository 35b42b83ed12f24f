import numpy as np
import pytest
from conftest import SENATE, SIMULATED, WORKER, senate, simulated

from ideal_point.config import read_configuration
from ideal_point.data import observe
from ideal_point.named import Orientation
from ideal_point.start import first_component
from nx_study_worker import Unsupported


def observed(configuration):
    return observe(read_configuration(configuration))


@pytest.fixture(scope="module")
def usual():
    """The 109th Senate with the defaults; nobody may change it."""
    return observed(senate())


@pytest.fixture(scope="module")
def recoded():
    """The 109th Senate recoded by party; nobody may change it."""
    return observed(senate(polarity="party"))


def test_the_109th_senate(usual):
    report = usual.report
    assert report["rows"] == {"votes": 102, "legislators": 102, "kept": 102, "dropped_without_votes": []}
    assert report["rollcalls"]["read"] == 645
    assert report["rollcalls"]["kept"] == 544
    assert report["cells"]["kept"] == report["cells"]["modelled"] == 55_488
    assert report["cells"]["observed"] == 53_198
    assert report["parties"] == {"D": 45, "Indep": 1, "R": 56}
    assert report["neither_party"] == [{"legislator": "94240", "name": "JEFFORDS", "party": "Indep"}]
    assert report["polarity"]["recoded"] == 0
    assert 0.55 < report["negative_discrimination_share"] < 0.65


def test_the_106th_senate():
    configuration = {key: value.replace("109", "106") for key, value in senate().items()}
    report = observed(configuration).report
    assert (report["rollcalls"]["read"], report["rollcalls"]["kept"]) == (672, 596)
    assert (report["cells"]["read_observed"], report["cells"]["observed"]) == (65_494, 58_156)


def test_recoding_turns_roll_calls_to_the_side_of_r(usual, recoded):
    plain, party = usual, recoded
    turned = party.recoded
    assert np.array_equal(party.matrix[:, ~turned], plain.matrix[:, ~turned], equal_nan=True)
    assert np.array_equal(party.matrix[:, turned], 1 - plain.matrix[:, turned], equal_nan=True)
    assert party.report["polarity"]["recoded"] == turned.sum() > 300
    shares = (
        party.report["negative_discrimination_share_as_read"],
        party.report["negative_discrimination_share"],
    )
    assert shares[0] > 0.55
    assert shares[1] < 0.05
    assert party.report["observed_sha256"] != plain.report["observed_sha256"]


def test_samples_are_seeded_nested_and_in_order():
    def sample(count, seed):
        return observed(senate(sample={"rollcalls": count, "seed": seed})).rollcalls

    forty = sample(40, 7)
    assert len(set(forty)) == 40
    assert forty == sorted(forty) == sample(40, 7)
    assert set(forty) < set(sample(60, 7))
    assert set(forty) != set(sample(40, 8))


def test_too_large_a_sample():
    with pytest.raises(Unsupported, match=r"sample\.rollcalls: 545 asked for, 544 are not unanimous"):
        observed(senate(sample={"rollcalls": 545}))


def test_start_is_standardised_and_puts_r_on_the_positive_side():
    observations = observed(senate(sample={"rollcalls": 60, "seed": 7}))
    scores, parties = observations.component.scores, observations.parties
    assert abs(scores.mean()) < 1e-6
    assert abs(scores.std() - 1) < 1e-6
    assert scores[parties == "R"].mean() > 0.5 > -0.5 > scores[parties == "D"].mean()
    assert observations.component.oriented_by == "party R positive"


def test_members_without_a_vote_are_dropped_and_named(tmp_path):
    write(tmp_path, votes=["id,a,b", "1,1,0", "2,0,1", "3,,", "4,1,1"])
    report = observed(files(tmp_path)).report
    assert report["rows"]["dropped_without_votes"] == [{"legislator": "3", "name": "C", "party": "R"}]
    assert report["rows"]["kept"] == 3


def test_unanimous_and_empty_roll_calls_are_dropped(tmp_path):
    write(tmp_path, votes=["id,a,b,yes,no,empty", "1,1,0,1,0,", "2,0,1,1,,", "3,1,0,,0,", "4,1,1,1,0,"])
    assert observed(files(tmp_path)).rollcalls == ["a", "b"]


def test_simulated_data_are_what_their_script_writes(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(WORKER / "tools"))
    import simulate

    simulate.simulate(tmp_path, seed=1, members=30, rollcalls=40)
    for name in ("votes.csv", "legislators.csv", "truth.csv"):
        assert (tmp_path / name).read_bytes() == (SIMULATED / name).read_bytes(), name


VOTES = ["id,a,b", "1,1,0", "2,0,1", "3,1,0", "4,1,1"]
LEGISLATORS = ["id,name,party", "1,A,D", "2,B,R", "3,C,R", "4,D,D"]


def write(folder, votes=VOTES, legislators=LEGISLATORS):
    (folder / "votes.csv").write_text("\n".join(votes) + "\n")
    (folder / "legislators.csv").write_text("\n".join(legislators) + "\n")


def files(folder, **more):
    return {"votes": str(folder / "votes.csv"), "legislators": str(folder / "legislators.csv"), **more}


@pytest.mark.parametrize(
    ("votes", "message"),
    [
        (["id,a,b", "1,1,0", "2,2,1"], r"votes\.csv, line 3, column a: '2' is not 1, 0 or empty"),
        (["id,a,b", "1,yea,0"], r"votes\.csv, line 2, column a: 'yea' is not 1, 0 or empty"),
        (["id,a,b", "1,1", "2,0,1"], r"votes\.csv, line 2: 2 fields, expected 3"),
        (["id,a,b", "1,1,0,1"], r"votes\.csv, line 2: 4 fields, expected 3"),
        (["id,a,b", "1,1,0", "9,1,0"], r"votes\.csv, line 3, column id: '9' is not in legislators\.csv"),
        (["id,a,b", "1,1,0", "1,1,0"], r"votes\.csv, line 3, column id: '1' is already on line 2"),
        (["id,a,b", ",1,0"], r"votes\.csv, line 2, column id: empty id"),
        (["id,a,a", "1,1,0"], r"votes\.csv, line 1: column 'a' appears twice"),
        (["id,a,", "1,1,0"], r"votes\.csv, line 1: column 3 has no name"),
        (["id", "1"], r"votes\.csv, line 1: expected an id column and at least one roll call"),
        ([""], r"votes\.csv, line 1: expected an id column"),
        (["id,a,b"], r"votes\.csv: no rows of votes"),
        (["icpsr,a,b", "1,1,0"], r"legislators\.csv, line 1: missing column icpsr; found id, name, party"),
        (
            ["id,a,b", '1,"1,0', "2,1,0"],
            r"votes\.csv, line 2: a quotation mark opens a field in this row, and none ends it",
        ),
        (["id,a,b", "1,1,1", "2,1,1", "3,1,1"], r"0 roll calls remain"),
    ],
)
def test_malformed_votes(tmp_path, votes, message):
    write(tmp_path, votes=votes)
    with pytest.raises(Unsupported, match=message):
        observed(files(tmp_path))


@pytest.mark.parametrize(
    ("legislators", "message"),
    [
        (["id,name", "1,A"], r"legislators\.csv, line 1: missing column party; found id, name"),
        (["id,name,party", "1,A,"], r"legislators\.csv, line 2, column party: empty"),
        (["id,name,party", "1,A"], r"legislators\.csv, line 2: 2 fields, expected 3"),
        (
            ["id,name,party", "1,A,D", "1,B,R"],
            r"legislators\.csv, line 3, column id: '1' is already on line 2",
        ),
    ],
)
def test_malformed_legislators(tmp_path, legislators, message):
    write(tmp_path, legislators=legislators)
    with pytest.raises(Unsupported, match=message):
        observed(files(tmp_path))


def test_missing_file_and_wrong_encoding(tmp_path):
    write(tmp_path)
    with pytest.raises(Unsupported, match=r"none\.csv: No such file"):
        observed(files(tmp_path) | {"votes": str(tmp_path / "none.csv")})
    (tmp_path / "legislators.csv").write_bytes(b"id,name,party\n1,M\xfcller,D\n")
    with pytest.raises(Unsupported, match=r"legislators\.csv, line 2: not UTF-8"):
        observed(files(tmp_path))


def test_a_byte_order_mark_and_spaces_do_no_harm(tmp_path):
    write(tmp_path)
    text = (tmp_path / "votes.csv").read_text().replace(",", ", ")
    (tmp_path / "votes.csv").write_text("\ufeff" + text, encoding="utf-8")
    assert observed(files(tmp_path)).rollcalls == ["a", "b"]


def test_polarity_needs_both_parties(tmp_path):
    write(tmp_path, legislators=["id,name,party", "1,A,D", "2,B,D", "3,C,D", "4,D,I"])
    for change in ({"polarity": "party"}, {"model": "hierarchical"}):
        message = r"needs two parties.* D and R.* are of the parties D \(3\), I \(1\).*Set `parties`"
        with pytest.raises(Unsupported, match=message):
            observed(files(tmp_path, **change))


def test_positive_priors_are_warned_about_without_polarity():
    from ideal_point.measure import _warnings

    positive = {"beta_prior": {"distribution": "halfnormal", "sigma": 1}}
    for configuration, code in [
        (senate(**positive), "positive-prior-without-polarity"),
        (simulated(**positive), "positive-prior-without-polarity"),
        (senate(), None),
        (senate(**positive, polarity="party"), None),
    ]:
        read = read_configuration(configuration)
        report = observe(read).report
        warnings = _warnings(read, report)
        assert [warning["code"] for warning in warnings] == ([code] if code else [])
        if code:
            assert f"{report['negative_discrimination_share']:.0%}" in warnings[0]["message"]


def renamed(folder, **names):
    """The 109th Senate with other names of parties."""
    text = (SENATE / "senate-109.legislators.csv").read_text()
    for old, new in names.items():
        text = text.replace(f'"{old}"', f'"{new}"')
    (folder / "legislators.csv").write_text(text)
    return senate(legislators=str(folder / "legislators.csv"))


@pytest.mark.parametrize(
    "settings",
    [
        {"parties": ["Democrat", "Republican"]},
        {"parties": ["Democrat", "Republican"], "orientation": {"party": "Republican"}},
        {"parties": ["Democrat", "Republican"], "orientation": {"legislator": 49700}},
    ],
)
def test_names_of_parties_change_no_number(tmp_path, settings, recoded):
    usual = recoded
    other = observed(renamed(tmp_path, D="Democrat", R="Republican") | settings | {"polarity": "party"})
    assert np.array_equal(other.component.scores, usual.component.scores)
    assert np.array_equal(other.matrix, usual.matrix, equal_nan=True)
    assert other.report["observed_sha256"] == usual.report["observed_sha256"]
    assert other.party_pair == ("Democrat", "Republican")
    assert other.report["parties"] == {"Democrat": 45, "Indep": 1, "Republican": 56}
    assert other.report["polarity"]["coding"] == "1 is the side of the party Republican"
    assert other.report["neither_party"] == usual.report["neither_party"]


def test_names_that_no_setting_explains_turn_nothing_in_silence(tmp_path):
    message = r"orientation: .* Republican \(56\), Democrat \(45\), Indep \(1\)\. Set `parties`"
    with pytest.raises(Unsupported, match=message):
        observed(renamed(tmp_path, D="Democrat", R="Republican"))


@pytest.mark.parametrize(
    ("orientation", "positive", "words"),
    [
        ("parties", "R", "party R positive"),
        ({"party": "D"}, "D", "party D positive"),
        ({"legislator": "49700"}, "R", "legislator 49700 (SESSIONS) positive"),
        ({"legislator": 15011}, "D", "legislator 15011 (BOXER) positive"),
    ],
)
def test_orientation(orientation, positive, words):
    observations = observed(senate(orientation=orientation))
    component, other = observations.component, {"D": "R", "R": "D"}[positive]
    means = {party: component.scores[observations.parties == party].mean() for party in ("D", "R")}
    assert means[positive] > 0.5 > -0.5 > means[other]
    assert component.oriented_by == words
    assert component.oriented_by_scores > 0.5


def test_without_orientation_the_most_extreme_member_is_positive(tmp_path):
    component = observed(renamed(tmp_path, D="x", R="y") | {"orientation": "none"}).component
    assert component.scores[np.argmax(np.abs(component.scores))] > 0
    assert (component.oriented_by, component.oriented_by_scores) == (
        "none: the most extreme member is positive",
        None,
    )


HALFNORMAL = {"beta_prior": {"distribution": "halfnormal", "sigma": 1}}


@pytest.mark.slow
def test_a_positive_discrimination_leaves_no_choice_of_the_side(usual):
    """Chains would start in the mirror image of where the votes can be fitted."""
    against = {"orientation": {"party": "D"}, "polarity": "party"}
    observed(senate(**against))
    with pytest.raises(Unsupported, match="the side of R is positive, which is against `party D positive`"):
        observed(senate(**against, **HALFNORMAL))
    observed(senate(**against, **HALFNORMAL, parties=["R", "D"]))
    for pair, sign in ((["D", "R"], 1), (["R", "D"], -1)):
        settings = {"parties": pair, "polarity": "party", "orientation": "none"}
        component = observed(senate(**settings, **HALFNORMAL)).component
        assert np.array_equal(component.scores, sign * usual.component.scores)
        assert component.oriented_by.startswith("none: ")


@pytest.mark.slow
def test_sorted_parties_leave_no_choice_of_the_side(usual):
    for pair, sign in ((["D", "R"], 1), (["R", "D"], -1)):
        component = observed(senate(parties=pair, orientation="none", model="hierarchical")).component
        assert np.array_equal(component.scores, sign * usual.component.scores)
        assert component.oriented_by == f"none: the sorted parties make {pair[1]} positive"


def test_who_lies_in_the_middle_can_not_orient():
    votes = np.array([[1, 1, 0], [0, 0, 1], [np.nan, np.nan, np.nan]])
    component = first_component(votes, Orientation("somebody positive", [1], []))
    assert component.scores == pytest.approx([-1.2247, 1.2247, 0], abs=1e-4)
    assert component.oriented_by_scores == pytest.approx(1.5 * 1.2247, abs=1e-3)
    with pytest.raises(Unsupported, match=r"orientation: the middle positive has no side.* only 0\.000"):
        first_component(votes, Orientation("the middle positive", [2], []))


def test_parties_in_the_other_order_recode_to_the_other_side():
    usual, other = (observed(senate(polarity="party", parties=pair)) for pair in (["D", "R"], ["R", "D"]))
    undecided = usual.report["polarity"]["undecided"]
    assert usual.report["polarity"]["recoded"] + other.report["polarity"]["recoded"] == 544 - undecided
    assert np.array_equal(other.component.scores, -usual.component.scores)


def test_a_prior_around_another_value_has_no_mirror_image():
    from ideal_point.models import build_model

    def symmetric(**change):
        configuration = read_configuration(simulated(**change))
        return build_model(configuration, observe(configuration)).notes["reflection_symmetric"]

    assert symmetric()
    assert not symmetric(beta_prior={"distribution": "normal", "mu": 0.5, "sigma": 1})
    assert not symmetric(position_prior={"distribution": "normal", "mu": 1, "sigma": 1})
    assert not symmetric(beta_prior={"distribution": "lognormal", "mu": 0, "sigma": 1})


@pytest.mark.parametrize(("share", "warned"), [(0.1, False), (0.11, True), (0.5, True)])
@pytest.mark.parametrize("polarity", ["none", "party"])
def test_a_positive_prior_is_warned_about_where_the_share_is_worth_it(share, warned, polarity):
    from ideal_point.measure import _warnings

    configuration = read_configuration(
        simulated(beta_prior={"distribution": "halfnormal", "sigma": 1}, polarity=polarity)
    )
    codes = [one["code"] for one in _warnings(configuration, {"negative_discrimination_share": share})]
    code = {"none": "positive-prior-without-polarity", "party": "polarity-incomplete"}[polarity]
    assert codes == ([code] if warned else [])
