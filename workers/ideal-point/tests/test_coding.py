"""Votes as people have them: one chamber in many spellings is the same; what is doubtful is refused."""

import json
import os
import subprocess
import sys

import pytest
from conftest import WORKER

from ideal_point.chamber import read_chamber
from ideal_point.check import check
from ideal_point.csvfile import SEPARATORS
from ideal_point.keys import with_defaults
from ideal_point.problems import DataProblem
from ideal_point.settings import read_settings

# 1 yea, 0 nay, None missing: four legislators, five roll calls, one of them unanimous.
CELLS = [[1, 0, 1, None, 1], [0, 1, 1, 0, 1], [1, None, 0, 1, 1], [None, 1, 0, 0, 1]]
LEGISLATORS = "id,name,party\n1,Ånna,D\n2,Bob,R\n3,Çem,R\n4,Dora,D\n"

SPELLINGS = {
    "0/1": ({1: "1", 0: "0", None: ""}, "0/1"),
    "0/1 of a float column": ({1: "1.0", 0: "0.0", None: "NaN"}, "0/1"),
    "0/1, missing as NA": ({1: "1", 0: "0", None: "NA"}, "0/1"),
    "0/1, missing as .": ({1: "1", 0: "0", None: "."}, "0/1"),
    "0/1, missing as NV": ({1: "1", 0: "0", None: "NV"}, "0/1"),
    "0/1, missing as null": ({1: "1", 0: "0", None: "null"}, "0/1"),
    "1/-1": ({1: "1", 0: "-1", None: "NA"}, "-1/1"),
    "+1/-1": ({1: "+1", 0: "-1", None: ""}, "-1/1"),
    "voteview": ({1: "1", 0: "6", None: "9"}, "voteview"),
    "yea/nay": ({1: "Yea", 0: "Nay", None: "Not Voting"}, "yea/nay"),
    "aye/no": ({1: "Aye", 0: "No", None: "Present"}, "yea/nay"),
    "y/n of the UCI repository": ({1: "y", 0: "n", None: "?"}, "yea/nay"),
    "yes/no": ({1: "YES", 0: "no", None: "Abstain"}, "yea/nay"),
    "TRUE/FALSE of R": ({1: "TRUE", 0: "FALSE", None: "NA"}, "boolean"),
    "True/False of Python": ({1: "True", 0: "False", None: "None"}, "boolean"),
    "t/f of PostgreSQL": ({1: "t", 0: "f", None: "\\N"}, "boolean"),
}


def wide(words, separator=",", ids=("1", "2", "3", "4")):
    rows = [[id_, *(words[cell] for cell in row)] for id_, row in zip(ids, CELLS, strict=True)]
    return "".join(f"{separator.join(row)}\n" for row in [["id", "a", "b", "c", "d", "e"], *rows])


def long(words, header="id,rollcall,vote", skip_missing=False):
    rows = [
        f"{member + 1},{'abcde'[rollcall]},{words[cell]}"
        for member, row in enumerate(CELLS)
        for rollcall, cell in enumerate(row)
        if cell is not None or not skip_missing
    ]
    return "\n".join([header, *rows]) + "\n"


def chamber(folder, votes, legislators=LEGISLATORS, **settings):
    for name, text in (("votes.csv", votes), ("legislators.csv", legislators)):
        content = text if isinstance(text, bytes) else text.encode()
        (folder / name).write_bytes(content)
    return read_chamber(read_settings(with_defaults(configuration(folder, **settings))))


def configuration(folder, **settings):
    return {"votes": str(folder / "votes.csv"), "legislators": str(folder / "legislators.csv"), **settings}


def assert_the_same(found):
    assert found.votes.cells == CELLS
    assert found.votes.rollcalls == ["a", "b", "c", "d", "e"]
    assert [member.id for member in found.members] == ["1", "2", "3", "4"]
    assert found.rollcalls == ["a", "b", "c", "d"]
    coding = found.votes.reading["coding"]
    assert [sum(coding[key].values()) for key in ("yea", "nay", "missing")] == [11, 6, 3]


@pytest.mark.parametrize(("words", "name"), SPELLINGS.values(), ids=SPELLINGS.keys())
def test_one_chamber_in_many_spellings(tmp_path, words, name):
    found = chamber(tmp_path, wide(words))
    assert_the_same(found)
    assert found.votes.reading["coding"]["name"] == name
    assert found.votes.reading["coding"]["detected"] is True
    set_by_name = chamber(tmp_path, wide(words), coding=name)
    assert_the_same(set_by_name)
    assert set_by_name.votes.reading["coding"]["detected"] is False
    assert_the_same(chamber(tmp_path, long(words)))


def test_all_cast_codes_of_voteview(tmp_path):
    rows = ["id,a,b,c,d,e", "1,1,6,2,9,1", "2,4,3,1,5,1", "3,2,7,6,3,2", "4,8,1,4,6,3"]
    assert_the_same(chamber(tmp_path, "\n".join(rows)))
    absent = "\n".join(rows).replace("4,8", "4,0")
    with pytest.raises(
        DataProblem, match=r"line 5, column a: '0' may be nay \(0/1\) or missing \(voteview\)"
    ):
        chamber(tmp_path, absent)
    assert_the_same(chamber(tmp_path, absent, coding="voteview"))
    one, doubtful = rows[0], [row.replace("6", "5") for row in rows]
    with pytest.raises(DataProblem, match="What they mean is not guessed"):
        chamber(tmp_path, "\n".join([one, *doubtful[1:]]))
    assert_the_same(chamber(tmp_path, "\n".join([one, *doubtful[1:]]), coding="voteview"))


@pytest.mark.parametrize(
    ("words", "first", "value"),
    [
        # 0/1 with 9 for missing, or cast codes of which no nay occurs.
        ({1: "1", 0: "0", None: "9"}, "line 2, column d", "9"),
        # No members, or a 0/1 file in which somebody wrote 6.
        ({1: "1", 0: "0", None: "6"}, "line 2, column d", "6"),
        ({1: "1", 0: "6", None: "0"}, "line 2, column d", "0"),
        # -1 missing, or 0 missing.
        ({1: "1", 0: "0", None: "-1"}, "line 2, column", "-1"),
        ({1: "1", 0: "-1", None: "0"}, "line 2, column", "0"),
        # Votes in the European Parliament (1 yea, 2 nay, 3 abstain), or in the United Nations (1, 3, 2).
        ({1: "1", 0: "2", None: "3"}, "line 2, column b", "2"),
        ({1: "1", 0: "3", None: "2"}, "line 2, column b", "3"),
        # Two codings in one file.
        ({1: "1", 0: "nay", None: ""}, "line 2, column", "nay"),
        ({1: "TRUE", 0: "0", None: ""}, "line 2, column", "0"),
        ({1: "yea", 0: "F", None: ""}, "line 2, column b", "F"),
        ({1: "+", 0: "-", None: ""}, "line 2, column a", "+"),
        ({1: "1", 0: "0", None: "x"}, "line 2, column d", "x"),
        ({1: "0.5", 0: "0", None: ""}, "line 2, column a", "0.5"),
    ],
)
def test_what_could_mean_several_things_is_refused(tmp_path, words, first, value):
    with pytest.raises(
        DataProblem, match=r"votes\.csv.*What they mean is not guessed: set `coding`"
    ) as caught:
        chamber(tmp_path, wide(words))
    assert first in str(caught.value)
    assert (caught.value.value, caught.value.setting) == (value, "votes")
    assert (caught.value.line, caught.value.column in "abcde") == (2, True)
    for word in words.values():
        assert repr(word) in str(caught.value) or word == ""
    own = {"yea": [words[1]], "nay": [words[0]], "missing": [words[None] or "NA"]}
    assert_the_same(chamber(tmp_path, wide(words), coding=own))


def test_other_codes_from_1_to_6_are_not_taken_for_those_of_voteview(tmp_path):
    """As in the European Parliament: yea, nay, abstention, absent, did not vote, excused."""
    rows = ["id,a,b,c,d,e", "1,1,2,1,6,1", "2,2,1,1,2,1", "3,1,5,2,1,1", "4,4,1,2,2,1"]
    with pytest.raises(DataProblem, match=r"line 2, column b: '2' is more frequent than 6.*'2' \(6\)"):
        chamber(tmp_path, "\n".join(rows))
    own = {"yea": [1], "nay": [2], "missing": [3, 4, 5, 6]}
    assert_the_same(chamber(tmp_path, "\n".join(rows), coding=own))


def test_a_coding_of_ones_own_may_be_numbers_and_turn_the_usual_one(tmp_path):
    words = {1: "0", 0: "1", None: "2"}
    found = chamber(tmp_path, wide(words), coding={"yea": [0], "nay": [1], "missing": [2]})
    assert_the_same(found)
    assert found.votes.reading["coding"]["yea"] == {"0": 11}


@pytest.mark.parametrize(
    ("coding", "message"),
    [
        ("0/1", r"votes\.csv, line 2, column b: '6' is not 1, 0 or empty, as `coding` says"),
        ("yea/nay", r"votes\.csv, line 2, column a: '1' is not yea, nay, another word for them, or empty"),
        (
            {"yea": [1], "nay": [6]},
            r"votes\.csv, line 2, column d: '9' is not 1, 6 or empty, as `coding` says",
        ),
        ({"yea": [1, 2], "nay": ["2"]}, r"coding: '2' is listed under both yea and nay"),
        ({"yea": ["Y"], "nay": ["n"], "missing": ["y"]}, r"coding: 'y' is listed under both yea and missing"),
    ],
)
def test_a_coding_that_does_not_fit_the_file(tmp_path, coding, message):
    with pytest.raises(DataProblem, match=message):
        chamber(tmp_path, wide(SPELLINGS["voteview"][0]), coding=coding)


def test_a_coding_without_one_side_says_what_was_read(tmp_path):
    with pytest.raises(DataProblem, match=r"0 roll calls remain.*coding voteview: 11 yea, 0 nay, 9 missing"):
        chamber(tmp_path, wide(SPELLINGS["0/1"][0]), coding="voteview")


@pytest.mark.parametrize("name", SEPARATORS)
def test_separators(tmp_path, name):
    sign, words = SEPARATORS[name], {1: "1", 0: "0", None: ""}
    people = LEGISLATORS.replace(",", sign)
    for setting in ("auto", name):
        found = chamber(tmp_path, wide(words, sign), people, separator=setting)
        assert_the_same(found)
        assert found.votes.reading["separator"] == name
    # Each file may have its own, and a name may hold another one in quotes.
    quoted = 'id,name,party\n1,"A; A",D\n2,"B, B",R\n3,C\tC,R\n4,D,D\n'
    found = chamber(tmp_path, wide(words, sign), quoted)
    assert [member.name for member in found.members] == ["A; A", "B, B", "C\tC", "D"]


def test_decimal_commas_and_the_hint_of_spreadsheets(tmp_path):
    words = {1: "1,0", 0: "0,0", None: ""}
    assert_the_same(chamber(tmp_path, wide(words, ";")))
    assert_the_same(chamber(tmp_path, "sep=;\n" + wide(SPELLINGS["0/1"][0], ";")))


def test_separators_that_could_be_several(tmp_path):
    text = wide({1: "1", 0: "0", None: "2"}, ";").replace("a;b", "a,x;b")
    assert (
        chamber(tmp_path, text, coding={"yea": [1], "nay": [0], "missing": [2]}).votes.rollcalls[0] == "a,x"
    )
    doubtful = "id;x,a\n1;5,1\n2;5,0\n3;5,1\n"
    with pytest.raises(DataProblem, match=r"votes\.csv, line 1: .*\(comma, semicolon\); set `separator`"):
        chamber(tmp_path, doubtful)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_byte_order_marks_quotes_and_unicode_forms(tmp_path, end):
    words = {1: '"1"', 0: ' "0" '.strip(), None: '""'}
    # The same letter in one sign and in two.
    votes = "\ufeff" + wide(words, ids=("\u00e5", "2", "3", "4"))
    people = LEGISLATORS.replace("1,", "a\u030a,", 1).replace("party\n1,", "party\na\u030a,")
    people = people if "a\u030a," in people else pytest.fail("the id was not replaced")
    found = chamber(tmp_path, votes.replace("\n", end), people.replace("\n", end))
    assert found.votes.cells == CELLS
    assert found.members[0].id == "\u00e5"


def test_the_line_is_the_one_where_a_row_begins(tmp_path):
    people = 'id,name,party\n1,"A\nB",D\n2,"C\nD",R\n2,E,R\n'
    with pytest.raises(DataProblem, match=r"legislators\.csv, line 6, column id: '2' is already on line 4"):
        chamber(tmp_path, wide(SPELLINGS["0/1"][0]), people)


@pytest.mark.parametrize(
    ("content", "line"),
    [(wide(SPELLINGS["0/1"][0]).encode("utf-16"), 1), (b"id,a\n1,\xe9\n", 2)],
)
def test_other_encodings(tmp_path, content, line):
    with pytest.raises(DataProblem, match=rf"votes\.csv, line {line}: not UTF-8 .*; save it as UTF-8"):
        chamber(tmp_path, content)


# Long form.


def test_long_form_where_missing_votes_have_no_row(tmp_path):
    found = chamber(tmp_path, long(SPELLINGS["0/1"][0], skip_missing=True))
    # Roll calls come in the order of their first vote.
    assert found.votes.rollcalls == list("abced")
    assert found.votes.cells == [[row["abcde".index(name)] for name in "abced"] for row in CELLS]
    assert found.votes.reading["layout"] == "long"


def test_files_of_voteview(tmp_path):
    """Cast codes with congress and chamber, and members with bioname and party_code."""
    words = SPELLINGS["voteview"][0]
    votes = "congress,chamber,rollnumber,icpsr,cast_code,prob\n" + "".join(
        f"109,Senate,{rollcall + 1},{member + 1},{words[cell]},99.1\n"
        for member, row in enumerate(CELLS)
        for rollcall, cell in enumerate(row)
    )
    people = (
        "congress,chamber,icpsr,party_code,bioname\n"
        '109,Senate,1,100,"ÅNNA, A"\n109,Senate,2,200,"BOB, B"\n109,Senate,3,200,ÇEM\n109,Senate,4,100,DORA\n'
    )
    found = chamber(tmp_path, votes, people, parties=[100, 200], polarity="party")
    assert found.votes.cells == CELLS
    assert found.rollcalls == ["1", "2", "3", "4"]
    assert found.members[0].name == "ÅNNA, A"
    assert found.orientation.words == "party 200 positive"


@pytest.mark.parametrize(
    ("column", "one", "other"), [("chamber", "House", "Senate"), ("congress", "109", "110")]
)
def test_roll_calls_of_one_number_in_two_chambers_are_never_taken_for_one(tmp_path, column, one, other):
    """Nobody votes in both, so that no vote is there twice."""
    words = SPELLINGS["voteview"][0]

    def rows(body, first, rollcall):
        return [
            f"{body},{rollcall(at)},{member + first},{words[cell]}"
            for member, row in enumerate(CELLS)
            for at, cell in enumerate(row)
        ]

    def votes(name):
        return "\n".join(
            [
                f"{column},rollnumber,id,cast_code",
                *rows(one, 1, lambda at: at),
                *rows(other, 5, name),
                f"{other},{name(0)},1,1",
            ]
        )

    people = LEGISLATORS + "5,Eve,D\n6,Flo,D\n7,Gus,R\n8,Hal,R\n"
    place = rf"line 22, column {column}: '{other}', but roll call '0' has '{one}' on line 2"
    with pytest.raises(DataProblem, match=place):
        chamber(tmp_path, votes(lambda at: at), people)
    assert len(chamber(tmp_path, votes(lambda at: at + 100), people).votes.rollcalls) == 10


def test_a_column_about_legislators_is_no_roll_call(tmp_path):
    votes = "id,female,a,b\n1,1,1,0\n2,0,0,1\n3,0,0,1\n4,1,1,0\n"
    people = LEGISLATORS.replace("party\n", "party,female\n").replace("D\n", "D,1\n").replace("R\n", "R,0\n")
    with pytest.raises(
        DataProblem, match=r"votes\.csv, line 1: column female is in legislators\.csv as well"
    ):
        chamber(tmp_path, votes, people)
    assert chamber(tmp_path, votes.replace("id,female", "id,motion"), people).rollcalls == [
        "motion",
        "a",
        "b",
    ]


def test_long_form_with_other_names(tmp_path):
    words = SPELLINGS["0/1"][0]
    text = long(words, header="who,motion,choice")
    people = LEGISLATORS.replace("id,", "who,")
    with pytest.raises(DataProblem, match="set `layout` to `long`, and `columns`"):
        chamber(tmp_path, text, people)
    columns = {"legislator": "who", "rollcall": "motion", "vote": "choice"}
    for layout in ("auto", "long"):
        assert_the_same(chamber(tmp_path, text, people, columns=columns, layout=layout))
    with pytest.raises(DataProblem, match=r"missing column motoin; found .* Did you mean 'motion'\?"):
        chamber(tmp_path, text, people, columns=columns | {"rollcall": "motoin"})
    with pytest.raises(DataProblem, match=r"columns\.rollcall: with `layout: wide`"):
        chamber(tmp_path, text, people, columns=columns, layout="wide")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["1,a,1", "1,a,0"], r"line 3, column vote: '1' has already a vote on 'a', on line 2"),
        (["1,a,1", ",a,0", "1,b,1"], r"line 3, column id: empty id"),
        (["1,a,1", "1,,0"], r"line 3, column rollcall: empty id"),
        (["1,a,1", "1,b"], r"line 3: 2 fields, expected 3, as in line 1"),
        (["1,a,1", "9,a,1", "1,b,0"], r"line 3, column id: '9' is not in legislators\.csv"),
        (["1,a,1", "1,b,7", "2,a,0"], r"line 3, column vote: '7' is not 1, 0 or empty"),
        (
            ["1,a,1", "2,a,1"],
            r"line 1: it has the columns rollcall and vote.*set `layout` to `wide` or `long`",
        ),
    ],
)
def test_malformed_long_form(tmp_path, rows, message):
    with pytest.raises(DataProblem, match=message):
        chamber(tmp_path, "\n".join(["id,rollcall,vote", *rows]) + "\n")


# The two files together, and what settings name.


@pytest.mark.parametrize(
    ("legislators", "settings", "message"),
    [
        (
            "D d R R",
            {},
            r"legislators\.csv, line 3, column party: 'd' and 'D' on line 2 differ in case, blanks",
        ),
        ("D D\u200b R R", {}, r"line 3, column party: 'D\\u200b' and 'D' on line 2 differ in case, blanks"),
        (
            "New·Dem New··Dem R R",
            {},
            r"line 3, column party: .* differ in case, blanks or invisible signs only",
        ),
        ("D - R R", {}, r"legislators\.csv, line 3, column party: empty"),
        ("d r d r", {}, r"orientation: .* of the parties d \(2\), r \(2\)"),
        ("d r d r", {"parties": ["D", "R"]}, r"parties: nobody is of the party 'D'\. Did you mean 'd'\?"),
        ("A B C C", {"polarity": "party"}, r"polarity: party needs two parties.* C \(2\), A \(1\), B \(1\)"),
        ("A B C C", {}, r"orientation: nothing says .* C \(2\), A \(1\), B \(1\)"),
        ("D D D D", {}, r"orientation: nothing says which side is positive.* D \(4\)"),
        ("D D D D", {"orientation": {"party": "D"}}, "everybody is of the party D"),
        (
            "D R D R",
            {"orientation": {"party": "Republican"}},
            r"'Republican'\. Did you mean 'R'\?.*D \(2\), R \(2\)",
        ),
        ("D R D R", {"orientation": {"party": "X"}}, r"nobody is of the party 'X'\. The 4 legislators"),
        (
            "D R D R",
            {"orientation": {"legislator": "bob"}},
            r"Did you mean '2', the id of Bob\? They are 1 \(Ånna\)",
        ),
        (
            "D R D R",
            {"orientation": {"legislator": 7}},
            r"'7' is nobody's id among the 4 legislators who vote",
        ),
        ("D R D R", {"orientation": {"legislator": "02"}}, r"nobody's id .* Did you mean '2'\?"),
        ("D R D R", {"parties": ["D", "X"]}, r"parties: nobody is of the party 'X'"),
        ("D R D R", {"parties": [1, "1"]}, r"parties: both are 1"),
        ("A A B B", {"parties": ["A", "B"], "model": "hierarchical"}, None),
        (
            "A A A B",
            {"parties": ["A", "B"], "model": "hierarchical"},
            "two members of each party.*too few in B",
        ),
        ("A B C C", {"orientation": "none"}, None),
        ("A B C C", {"orientation": {"party": "C"}}, None),
        ("A B C C", {"orientation": {"legislator": 3}}, None),
        ("D R D R", {}, None),
    ],
)
def test_who_is_named_must_be_there(tmp_path, legislators, settings, message):
    parties = [{"-": ""}.get(word, word.replace("·", " ")) for word in legislators.split()]
    people = "id,name,party\n" + "".join(
        f"{at + 1},{name},{party}\n"
        for at, (name, party) in enumerate(zip(["Ånna", "Bob", "Çem", "Dora"], parties, strict=True))
    )
    if message is None:
        chamber(tmp_path, wide(SPELLINGS["0/1"][0]), people, **settings)
        return
    with pytest.raises(DataProblem, match=message):
        chamber(tmp_path, wide(SPELLINGS["0/1"][0]), people, **settings)


def test_names_in_settings_have_the_same_form_of_unicode_as_those_in_files(tmp_path):
    people = LEGISLATORS.replace(",R", ",Gr\u00fcne").replace(",D", ",Gru\u0308n")
    found = chamber(tmp_path, wide(SPELLINGS["0/1"][0]), people, parties=["Gr\u00fcn", "Gru\u0308ne"])
    assert found.parties == ("Gr\u00fcn", "Gr\u00fcne")
    assert found.orientation.positive == [1, 2]


def test_blanks_around_a_party_do_not_count(tmp_path):
    found = chamber(
        tmp_path, wide(SPELLINGS["0/1"][0]), LEGISLATORS.replace(",D", ", D ").replace(",R", ",R\u00a0")
    )
    assert [member.party for member in found.members] == ["D", "R", "R", "D"]


def test_chambers_without_a_common_roll_call_are_named(tmp_path):
    votes = "id,a,b,c,d\n1,1,0,,\n2,0,1,,\n3,,,1,0\n4,,,0,1\n"
    message = (
        r"fall into 2 groups without a common roll call.*"
        r"\(1\) Ånna \(1\), Bob \(2\): 2 members, 2 roll calls, "
        r"\(2\) Çem \(3\), Dora \(4\): 2 members, 2 roll calls"
    )
    with pytest.raises(DataProblem, match=message):
        chamber(tmp_path, votes)
    # One vote links them, unless it is on a unanimous roll call, which is dropped.
    chamber(tmp_path, votes.replace("2,0,1,,", "2,0,1,1,"))
    unanimous = "id,a,b,c,d,e\n1,1,0,,,1\n2,0,1,,,1\n3,,,1,0,1\n4,,,0,1,1\n"
    with pytest.raises(DataProblem, match="2 groups"):
        chamber(tmp_path, unanimous)
    chamber(tmp_path, unanimous.replace("3,,,1,0,1", "3,,,1,0,0"))


def test_messages_have_no_sign_that_a_terminal_would_obey(tmp_path):
    people = LEGISLATORS.replace("Bob", "B\x1b[31mob").replace(",R", ",R\u202e")
    with pytest.raises(DataProblem) as caught:
        chamber(
            tmp_path, wide(SPELLINGS["0/1"][0]).replace("a,b", "a\x07,b").replace("1,0", "2,0", 1), people
        )
    assert "column a\\x07" in str(caught.value)
    for settings in ({"orientation": {"party": "X"}}, {"orientation": {"legislator": "X"}}):
        with pytest.raises(DataProblem) as caught:
            chamber(tmp_path, wide(SPELLINGS["0/1"][0]), people, **settings)
        assert str(caught.value).isprintable()


# The check that `plan` runs.


def run_check(folder, **settings):
    """As the plugin does: a plain interpreter without packages, the request on stdin."""
    result = subprocess.run(
        [sys.executable, "-S", "-m", "ideal_point.check"],
        input=json.dumps({"protocol": 1, "configuration": configuration(folder, **settings)}),
        capture_output=True,
        text=True,
        check=True,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{WORKER / 'src'}:{WORKER.parent / 'kits/python'}",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )
    assert result.stderr == ""
    return json.loads(result.stdout)


def test_the_check_needs_no_package_and_tells_the_place(tmp_path):
    (tmp_path / "votes.csv").write_text(wide(SPELLINGS["0/1"][0]))
    (tmp_path / "legislators.csv").write_text(LEGISLATORS)
    answer = run_check(tmp_path)
    assert answer["problems"] == []
    chamber = read_chamber(read_settings(with_defaults(configuration(tmp_path))))
    members, rollcalls = len(chamber.members), len(chamber.rollcalls)
    votes = sum(vote is not None for row in chamber.cells for vote in row)
    assert answer["size"] == {
        "parameters": members + 2 * rollcalls,
        "observations": votes,
        "saved": members + 2 * rollcalls,
        "scalars": 0,
        # Of the dimension 3, of each of two parties 2, of both 2.
        "by_draw": 9,
        "summary_bytes": 8 * (10 * members + 2 * 5 * rollcalls),
        "statistics_bytes": 131,
        "data_bytes": 40 * votes,
        "data_memory_bytes": 180 * votes,
    }
    assert votes > 0
    (tmp_path / "votes.csv").write_text(wide(SPELLINGS["0/1"][0]).replace("2,0,1", "2,0,maybe"))
    (problem,) = run_check(tmp_path)["problems"]
    assert problem["path"] == "votes"
    assert (problem["file"], problem["line"], problem["column"], problem["value"]) == (
        str(tmp_path / "votes.csv"),
        3,
        "b",
        "maybe",
    )
    assert "line 3, column b: 'maybe' is not 1, 0 or empty" in problem["message"]
    (problem,) = run_check(
        tmp_path, coding={"yea": [1], "nay": [0], "missing": ["maybe"]}, parties=["A", "R"]
    )["problems"]
    assert (problem["path"], problem["value"], problem["file"]) == ("parties", "A", None)


def test_the_check_refuses_what_the_measurement_refuses(tmp_path):
    (tmp_path / "votes.csv").write_text("id,a\n1,1\n")
    (tmp_path / "legislators.csv").write_text(LEGISLATORS)
    (problem,) = check(configuration(tmp_path))["problems"]
    with pytest.raises(DataProblem) as caught:
        read_chamber(read_settings(with_defaults(configuration(tmp_path))))
    assert problem["message"] == str(caught.value)
