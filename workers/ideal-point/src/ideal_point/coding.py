"""What a cell of the votes means: the usual codings, one of your own, and how a coding is found."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .problems import DataProblem, listed

# Of any coding: how R, Stata, SAS, pandas, SQL and spreadsheets write a value that isn't there.
MISSING = frozenset(
    ("", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "\\n", ".", "?", "nv", "not voting")
)
NUMBER = re.compile(r"([+-]?)(0|[1-9][0-9]*)(?:\.0*|,0{1,2})?")


@dataclass(frozen=True)
class Coding:
    """Values in their normal form; case does not count, and 1.0 is 1."""

    name: str
    yea: frozenset[str]
    nay: frozenset[str]
    missing: frozenset[str]
    described: str
    # Values that must occur before this coding is found by itself: without them it would be a guess.
    evidence: frozenset[str] = frozenset()

    def knows(self, value: str) -> bool:
        """Whether the value has a meaning."""
        return value in self.yea or value in self.nay or value in self.missing

    def vote(self, value: str) -> int | None:
        """1 yea, 0 nay, None missing; the value must be known."""
        if value in self.yea:
            return 1
        return 0 if value in self.nay else None


def _coding(name: str, described: str, yea: str, nay: str, missing: str = "", evidence: str = "") -> Coding:
    yeas, nays, others, needed = (
        frozenset(words.split("|")) - {""} for words in (yea, nay, missing, evidence)
    )
    return Coding(name, yeas, nays, others | MISSING, described, needed)


NAMED = {
    coding.name: coding
    for coding in (
        _coding("0/1", "1, 0 or empty", "1", "0"),
        # 0 is missing, as in emIRT.
        _coding("-1/1", "1, -1 or empty", "1", "-1", "0", evidence="-1"),
        # Lewis, Poole, Rosenthal et al., Voteview: cast codes. 0 not a member, 7 and 8 present, 9 not voting.
        _coding("voteview", "0 to 9 or empty", "1|2|3", "4|5|6", "0|7|8|9", evidence="1|6"),
        _coding(
            "yea/nay",
            "yea, nay, another word for them, or empty",
            "yea|aye|yes|y",
            "nay|no|n",
            "present|present, giving live pair|absent|abstain|abstained|abstention|excused|did not "
            "vote|not a member",
        ),
        _coding("boolean", "true, false or empty", "true|t", "false|f"),
    )
}
AUTO = "auto"

# With these values another coding may be meant, so that only a person can tell: a 0/1 file in which somebody
# wrote one 6, or -1 for missing, is none of these.
_DOUBTFUL = {"-1/1": frozenset({"0"}), "voteview": frozenset({"0"})}
# Pairs and announced votes of Voteview, which are fewer than nays (6). Where they are not, it is another list
# of codes from 1 to 6, such as yes, no, abstention, absent, did not vote, excused.
_PAIRED = ("2", "3", "4", "5")


@dataclass
class Found:
    """How often a value occurs, and where first."""

    text: str
    line: int
    column: str
    count: int = 0


def normal(text: str) -> str:
    """The form in which values are compared."""
    number = NUMBER.fullmatch(text)
    if number is None:
        return " ".join(text.casefold().split())
    sign, digits = number.groups()
    return digits if sign != "-" or digits == "0" else f"-{digits}"


def read_coding(written: Any) -> Coding | None:
    """The coding that a configuration asks for; None where it is to be found."""
    if written == AUTO:
        return None
    if isinstance(written, str):
        return NAMED[written]
    yea, nay, missing = (
        frozenset(normal(str(value)) for value in written.get(key, [])) for key in ("yea", "nay", "missing")
    )
    for one, other, names in (
        (yea, nay, "yea and nay"),
        (yea, missing, "yea and missing"),
        (nay, missing, "nay and missing"),
    ):
        if both := sorted(one & other):
            raise DataProblem(
                f"coding: {both[0]!r} is listed under both {names}", setting="coding", value=both[0]
            )
    usual = (MISSING | missing) - yea - nay
    return Coding(
        "own", yea, nay, usual, listed([*sorted(yea), *sorted(nay), *sorted(missing)]) + " or empty"
    )


def find_coding(values: Mapping[str, Found], problem: Callable[..., DataProblem]) -> Coding:
    """The only coding that explains all values; what fits none, or may mean several, is a `problem`."""
    told = {value: found for value, found in values.items() if value not in MISSING}
    for coding in NAMED.values():
        if coding.evidence <= told.keys() and all(_surely_knows(coding, value, told) for value in told):
            return coding
    raise _unexplained(told, problem)


def report(coding: Coding, values: Mapping[str, Found], detected: bool) -> dict[str, Any]:
    """For the result: which texts were taken for what, and how often."""
    meanings: dict[str, dict[str, int]] = {"yea": {}, "nay": {}, "missing": {}}
    for value, found in values.items():
        vote = coding.vote(value)
        meanings["missing" if vote is None else "yea" if vote else "nay"][found.text] = found.count
    return {"name": coding.name, "detected": detected, **meanings}


def _surely_knows(coding: Coding, value: str, values: Mapping[str, Found]) -> bool:
    doubtful = value in _DOUBTFUL.get(coding.name, ()) or _is_outnumbering(coding, value, values)
    return coding.knows(value) and not doubtful


def _is_outnumbering(coding: Coding, value: str, values: Mapping[str, Found]) -> bool:
    return coding.name == "voteview" and value in _PAIRED and values[value].count > values["6"].count


def _unexplained(values: Mapping[str, Found], problem: Callable[..., DataProblem]) -> DataProblem:
    """Told at the first value that the coding of most cells does not know."""

    def cells(coding: Coding) -> int:
        return sum(found.count for value, found in values.items() if _surely_knows(coding, value, values))

    nearest = max((coding for coding in NAMED.values() if coding.evidence <= values.keys()), key=cells)
    strange = next(
        (found for value, found in values.items() if not _surely_knows(nearest, value, values)),
        next(iter(values.values())),
    )
    counts = listed(f"{found.text!r} ({found.count})" for found in values.values())
    if not cells(nearest):
        fits = f"{strange.text!r} is of no usual coding"
    elif _is_outnumbering(nearest, normal(strange.text), values):
        fits = f"{strange.text!r} is more frequent than 6, and so hardly Voteview's code of paired votes"
    elif nearest.knows(normal(strange.text)):
        fits = f"{strange.text!r} may be nay (0/1) or missing ({nearest.name})"
    else:
        fits = f"{strange.text!r} is not {nearest.described}"
    return problem(
        f"{fits}. Votes found: {counts}. What they mean is not guessed: set `coding` to "
        f"{listed(NAMED)}, or to a mapping such as {{yea: [1], nay: [2], missing: [9]}}",
        strange.line,
        strange.column,
        strange.text,
    )
