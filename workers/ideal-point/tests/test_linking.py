"""Several chambers or terms: who is the same, who links them, and where their first components lie."""

import numpy as np
import pytest
from conftest import SENATE, senate

from ideal_point.check import check
from ideal_point.config import read_configuration
from ideal_point.data import observe
from ideal_point.measure import link_warnings, party_warnings
from ideal_point.models import build_model

ROLLCALLS, MEMBERS = 40, 20


def chamber(folder, name, positions, seed):
    """Files of a chamber from positions by id; roll calls are `1`, `2`, … as in Voteview's files."""
    generator = np.random.default_rng(seed)
    beta, alpha = generator.normal(size=ROLLCALLS), generator.normal(size=ROLLCALLS)
    ids, xi = list(positions), np.array(list(positions.values()))
    yea = generator.random((len(ids), ROLLCALLS)) < 1 / (1 + np.exp(alpha - 3 * np.outer(xi, beta)))
    rows = [f"{one},{','.join(str(int(vote)) for vote in row)}" for one, row in zip(ids, yea, strict=True)]
    header = ",".join(["id", *(str(number + 1) for number in range(ROLLCALLS))])
    (folder / f"{name}.votes.csv").write_text("\n".join([header, *rows]) + "\n")
    people = [f"{one},NAME {one},{'R' if value > 0 else 'D'}" for one, value in positions.items()]
    (folder / f"{name}.legislators.csv").write_text("\n".join(["id,name,party", *people]) + "\n")
    return {
        "votes": str(folder / f"{name}.votes.csv"),
        "legislators": str(folder / f"{name}.legislators.csv"),
    }


def two(folder, shared, shift=0.0, **more):
    """Chambers `one` and `two` with `shared` people in both; those only in `two` are shifted."""
    generator = np.random.default_rng(3)
    first = {f"a{index}": float(generator.normal()) for index in range(MEMBERS)}
    second = dict(list(first.items())[:shared])
    second |= {f"b{index}": float(generator.normal() + shift) for index in range(MEMBERS - shared)}
    one, other = chamber(folder, "one", first, 1), chamber(folder, "two", second, 2)
    return {**one, "linked": [other], "model": "joint", **more}, first, second


def observed(configuration):
    return observe(read_configuration(configuration))


def test_people_of_two_chambers_have_one_position(tmp_path):
    configuration, first, second = two(tmp_path, shared=8)
    found = observed(configuration)
    assert [member.id for member in found.members] == list(first | second)
    assert found.chambers.names == ["one", "two"]
    # Both files have the roll calls 1, 2, …, so the chamber stands before each.
    kept = found.chambers.of_rollcall
    assert all(
        name.startswith(("one: ", "two: ")[at]) for name, at in zip(found.rollcalls, kept, strict=True)
    )
    assert found.chambers.home.tolist() == [0] * 20 + [1] * 12
    there = np.isfinite(found.matrix)
    assert there[:8].all()
    assert np.array_equal(there[8:20].any(axis=0), kept == 0)
    assert np.array_equal(there[20:].any(axis=0), kept == 1)
    one, other = found.report["chambers"]
    assert (one["members"], one["linked_by"], other["members"], other["linked_by"]) == (20, None, 20, 8)
    assert other["correlation_of_links"] > 0.8
    assert found.report["rows"]["kept"] == 32
    assert found.report["cells"]["observed"] == int(there.sum())


def test_the_start_has_the_shift_between_chambers(tmp_path):
    configuration, first, second = two(tmp_path, shared=8, shift=2.0)
    found = observed(configuration)
    truth = np.array(list((first | second).values()))
    assert np.corrcoef(found.component.scores, truth)[0, 1] > 0.9
    gap = truth[20:].mean() - truth[:20].mean()
    assert found.component.scores[20:].mean() - found.component.scores[:20].mean() == pytest.approx(
        gap / truth.std(), abs=0.4
    )


@pytest.mark.parametrize("shared", [0, 2])
def test_chambers_that_nobody_links_are_refused_with_the_numbers(tmp_path, shared):
    configuration, _, _ = two(tmp_path, shared=shared)
    (problem,) = check(configuration)["problems"]
    assert problem["path"] == "linked"
    assert (
        f"of the 20 who vote in one there are only {shared} of the 20 who vote in two" in problem["message"]
    )
    assert "3 are needed" in problem["message"]
    assert check(two(tmp_path, shared=3)[0])["problems"] == []


def test_a_column_tells_persons_whose_ids_differ(tmp_path):
    configuration, _, _ = two(tmp_path, shared=0, columns={"person": "person"})
    for name in ("one", "two"):
        path = tmp_path / f"{name}.legislators.csv"
        header, *rows = path.read_text().splitlines()
        persons = [f"{row},p{index}" for index, row in enumerate(rows)]
        path.write_text("\n".join([f"{header},person", *persons]) + "\n")
    assert len(observed(configuration).members) == MEMBERS
    twice = path.read_text().replace(",p1\n", ",p0\n")
    path.write_text(twice)
    (problem,) = check(configuration)["problems"]
    assert (problem["path"], problem["column"], problem["value"]) == ("linked.0.legislators", "person", "p0")


def numbered(folder, persons, **more):
    """Two chambers whose ids are the numbers of rows; persons by chamber, in the order of rows."""
    generator = np.random.default_rng(3)
    position = {one: float(generator.normal()) for one in sorted({*persons["one"], *persons["two"]})}
    files = {}
    for seed, (name, of) in enumerate(persons.items(), 1):
        positions = {str(row): position[person] for row, person in enumerate(of, 1)}
        files[name] = chamber(folder, name, positions, seed)
        path = folder / f"{name}.legislators.csv"
        header, *rows = path.read_text().splitlines()
        rows = [f"{row},{person}" for row, person in zip(rows, of, strict=True)]
        path.write_text("\n".join([f"{header},person", *rows]) + "\n")
    return {
        **files["one"],
        "linked": [files["two"]],
        "model": "joint",
        "columns": {"person": "person"},
        **more,
    }


def test_an_id_that_is_another_person_elsewhere_has_the_chamber_behind_it(tmp_path):
    """Each chamber numbers its rows: 34 people had 20 ids, and the last one of an id hid the others."""
    persons = {
        "one": [f"p{at}" for at in range(20)],
        "two": [f"p{at}" for at in range(14, 20)] + [f"q{at}" for at in range(14)],
    }
    found = observed(numbered(tmp_path, persons))
    assert [member.person for member in found.members] == persons["one"] + persons["two"][6:]
    ids = [member.id for member in found.members]
    assert len(set(ids)) == 34
    assert (ids[0], ids[14], ids[20]) == ("1 in one", "15 in one", "7 in two")
    # Whom a bare number means can't be known.
    (problem,) = check(numbered(tmp_path, persons, orientation={"legislator": "1"}))["problems"]
    assert problem["message"].startswith("orientation.legislator: '1' is nobody's id")
    for one in ("7 in two", "q0"):
        assert check(numbered(tmp_path, persons, orientation={"legislator": one}))["problems"] == []


def test_a_word_that_is_an_id_and_another_person_is_refused(tmp_path):
    persons = {
        "one": ["x", "1", *(f"p{at}" for at in range(10))],
        "two": ["x", "1", *(f"p{at}" for at in range(10))],
    }
    (problem,) = check(numbered(tmp_path, persons, orientation={"legislator": "1"}))["problems"]
    assert (
        "'1' is the id of one and tells another one as a person: NAME 1 (id 1) and NAME 2 (id 2)"
        in (problem["message"])
    )


def test_a_mistake_in_a_further_file_is_found_there(tmp_path):
    configuration, _, _ = two(tmp_path, shared=5)
    path = tmp_path / "two.votes.csv"
    path.write_text(path.read_text().replace("a0,1", "a0,7").replace("a0,0", "a0,7"))
    (problem,) = check(configuration)["problems"]
    assert (problem["path"], problem["line"], problem["value"]) == ("linked.0.votes", 2, "7")


def test_two_chambers_of_one_name_are_refused(tmp_path):
    configuration, _, _ = two(tmp_path, shared=5)
    (problem,) = check({**configuration, "linked": [{**configuration["linked"][0], "name": "one"}]})[
        "problems"
    ]
    assert (problem["path"], problem["value"]) == ("linked.0.name", "one")


def test_who_changes_the_party_is_recoded_with_the_one_of_each_chamber(tmp_path):
    configuration, _, _ = two(tmp_path, shared=8, polarity="party")
    plain = observed(configuration)
    # All shared people change sides in the file of the second chamber only.
    path = tmp_path / "two.legislators.csv"
    rows = path.read_text().splitlines()
    swapped = {"D": "R", "R": "D"}
    changed = [row[:-1] + swapped[row[-1]] if row.startswith("a") else row for row in rows]
    path.write_text("\n".join(changed) + "\n")
    found = observed(configuration)
    first = plain.chambers.of_rollcall == 0
    assert np.array_equal(found.recoded[first], plain.recoded[first])
    assert not np.array_equal(found.recoded[~first], plain.recoded[~first])


def test_terms_of_a_person_are_positions_of_their_own(tmp_path):
    configuration, _, _ = two(tmp_path, shared=8, orientation={"legislator": "a1"})
    found = observed({**configuration, "model": "dynamic"})
    assert len(found.members) == 2 * MEMBERS
    assert [member.id for member in found.members][20:22] == ["a0 in two", "a1 in two"]
    assert found.chambers.previous.tolist() == [-1] * 20 + list(range(8)) + [-1] * 12
    assert found.chambers.terms_since.tolist() == [0] * 20 + [1] * 8 + [0] * 12
    # The start of the model is where the first components are.
    built = build_model(read_configuration({**configuration, "model": "dynamic"}), found)
    xi = built.model.replace_rvs_by_values([built.model["xi"]])[0]
    point = {"xi_step": built.initial["xi_step"], "tau_log__": np.log(built.initial["tau"])}
    at_start = built.model.compile_fn(xi, mode="FAST_COMPILE", point_fn=True)(point)
    assert at_start == pytest.approx(found.component.scores)


def test_a_term_between_makes_a_longer_step(tmp_path):
    configuration, first, _ = two(tmp_path, shared=8)
    third = chamber(tmp_path, "three", {key: first[key] for key in list(first)[4:]}, 5)
    found = observed({**configuration, "model": "dynamic", "linked": [*configuration["linked"], third]})
    at = [member.id for member in found.members].index("a10 in three")
    assert (found.members[found.chambers.previous[at]].id, found.chambers.terms_since[at]) == (
        "a10 in one",
        2,
    )
    at = [member.id for member in found.members].index("a5 in three")
    assert (found.members[found.chambers.previous[at]].id, found.chambers.terms_since[at]) == ("a5 in two", 1)


def test_the_106th_and_the_109th_senate_share_their_senators():
    other = {key: str(SENATE / f"senate-106.{key}.csv") for key in ("votes", "legislators")}
    found = observed(senate(model="joint", linked=[other]))
    assert found.chambers.names == ["senate-109", "senate-106"]
    link = found.report["chambers"][1]
    assert 66 <= link["linked_by"] <= 70
    assert link["correlation_of_links"] > 0.9
    assert len(found.rollcalls) == 544 + 596
    assert found.report["cells"]["observed"] == 53_198 + 58_156


def test_people_who_lie_elsewhere_in_each_chamber_are_told(tmp_path):
    configuration, first, second = two(tmp_path, shared=12)
    assert link_warnings(observed(configuration).report) == []
    # Who sits in both is somewhere else in the second chamber.
    shared = list(first)[:12]
    moved = dict(zip(shared, np.roll([first[one] for one in shared], 5), strict=True))
    other = chamber(tmp_path, "two", {**second, **moved}, 2)
    report = observed({**configuration, "linked": [other]}).report
    assert report["chambers"][1]["correlation_of_links"] < 0.5
    (warning,) = link_warnings(report)
    assert warning["code"] == "weak-links"
    assert "the 12 people who link it" in warning["message"]


def test_a_correlation_that_is_0_as_shown_has_no_sign():
    chamber = {"name": "two", "linked_by": 5, "correlation_of_links": -0.001}
    (warning,) = link_warnings({"chambers": [chamber]})
    assert "correlate by only 0.00 with" in warning["message"]


def silence(file, *ids):
    """No vote of these members."""
    lines = file.read_text().splitlines()
    rows = [f"{line.split(',')[0]}{',' * ROLLCALLS}" if line.split(",")[0] in ids else line for line in lines]
    file.write_text("\n".join(rows) + "\n")


@pytest.mark.parametrize(
    ("model", "dropped"),
    [("joint", ["a1"]), ("dynamic", ["a0 in one", "a1 in one", "a1 in two", "a2 in two"])],
)
def test_who_votes_in_another_chamber_is_not_dropped(tmp_path, model, dropped):
    configuration, *_ = two(tmp_path, shared=8, model=model)
    silence(tmp_path / "one.votes.csv", "a0", "a1")
    silence(tmp_path / "two.votes.csv", "a1", "a2")
    found = observed(configuration)
    rows = found.report["rows"]
    assert [one["legislator"] for one in rows["dropped_without_votes"]] == dropped
    assert not set(dropped) & {member.id for member in found.members}
    everyone = 32 if model == "joint" else 40
    assert rows["kept"] + len(dropped) == everyone


def test_who_changes_the_party_between_chambers_is_named(tmp_path):
    configuration, first, _ = two(tmp_path, shared=8)
    before = "D" if first["a3"] < 0 else "R"
    file = tmp_path / "two.legislators.csv"
    file.write_text(file.read_text().replace(f"a3,NAME a3,{before}", "a3,NAME a3,I"))
    found = observed(configuration)
    assert [one["legislator"] for one in found.report["party_changes"]] == ["a3"]
    [warning] = party_warnings(found.report)
    assert warning["code"] == "party-changed"
    assert warning["message"].startswith(f"NAME a3 ({before} in one, I in two): numbers by party count each")
    # A position of each term has the party of that term.
    assert observed({**configuration, "model": "dynamic"}).report["party_changes"] == []
