"""Whom settings name: two parties, and who is positive. A name of nobody is an error listing who is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from .models import STRUCTURES
from .people import Member
from .problems import DataProblem, counted, did_you_mean, listed
from .settings import DataSettings

# What `parties` stands for when it is left out, in files that have both.
USUAL_PARTIES = ("D", "R")


@dataclass(frozen=True)
class Orientation:
    """Members whose mean is to lie on the positive side of the others' (or of `negative`); empty for none."""

    words: str
    positive: list[int]
    negative: list[int]


def refuse_unmet_needs(settings: DataSettings) -> None:
    """A structure may need a value of another setting."""
    for setting, (value, why) in STRUCTURES[settings.model].needs.items():
        if getattr(settings, setting) != value:
            raise DataProblem(f"model: {settings.model} needs {setting}: {value}, for {why}", setting=setting)


def find_parties(
    settings: DataSettings, members: Sequence[Member], all_members: Sequence[Member]
) -> tuple[str, str] | None:
    """The two parties, the one that is to lie lower first; None where nothing names or needs them."""
    counts = party_counts(members)
    if settings.parties is None:
        usual = all(party in counts for party in USUAL_PARTIES)
        needs = "polarity: party" if settings.polarity == "party" else "model: hierarchical"
        if not usual and (settings.polarity == "party" or settings.hierarchical):
            raise DataProblem(
                f"{needs} needs two parties, and without the setting `parties` these are "
                f"{USUAL_PARTIES[0]} and {USUAL_PARTIES[1]}. {_who(members, all_members)}. "
                "Set `parties` to two of them, such as [left, right]",
                setting="parties",
            )
        found = USUAL_PARTIES if usual else None
    else:
        if settings.parties[0] == settings.parties[1]:
            raise DataProblem(f"parties: both are {settings.parties[0]}", setting="parties")
        for party in settings.parties:
            _refuse_unknown_party(party, "parties", members, all_members)
        found = settings.parties
    if found and settings.hierarchical:
        for party in found:
            if counts[party] < 2:
                raise DataProblem(
                    f"model: hierarchical needs two members of each party {found[0]} and {found[1]}; "
                    f"too few in {party}. {_who(members, all_members)}",
                    setting="model",
                )
    return found


def find_orientation(
    settings: DataSettings, members: Sequence[Member], parties: tuple[str, str] | None
) -> Orientation:
    """Who is to be positive; raises a DataProblem where a setting, or the default, names nobody."""
    written = settings.orientation
    parties_of = [member.party for member in members]
    if written == "none" and settings.hierarchical and parties:
        words = f"none: the sorted parties make {parties[1]} positive"
        return Orientation(words, *_both(parties_of, parties[1], parties[0]))
    if written == "none":
        return Orientation("none: the most extreme member is positive", [], [])
    if written == "parties":
        if parties is None:
            raise DataProblem(
                "orientation: nothing says which side is positive. By default it is the second of `parties`, "
                f"and these are {USUAL_PARTIES[0]} and {USUAL_PARTIES[1]} when left out. "
                f"{_who(members, members)}. "
                "Set `parties`, or `orientation` to {party: …}, {legislator: …} or none",
                setting="orientation",
            )
        return Orientation(f"party {parties[1]} positive", *_both(parties_of, parties[1], parties[0]))
    if "party" in written:
        party = written["party"]
        _refuse_unknown_party(party, "orientation.party", members, members)
        positive, _ = _both(parties_of, party, "")
        if len(positive) == len(members):
            raise DataProblem(
                f"orientation.party: everybody is of the party {party}, so that it has no side; name a "
                "legislator, or `none`",
                setting="orientation.party",
                value=party,
            )
        return Orientation(f"party {party} positive", positive, [])
    return _by_legislator(written["legislator"], members)


def find_anchors(settings: DataSettings, members: Sequence[Member]) -> tuple[int, int] | None:
    """The two legislators that fix a rotation; None where the votes choose them."""
    if settings.anchors is None:
        return None
    one, other = (_legislator(id_, "anchors", members)[0] for id_ in settings.anchors)
    if one == other:
        raise DataProblem(f"anchors: both are {members[one].name}", setting="anchors")
    return one, other


def _both(parties: list[str], positive: str, negative: str) -> tuple[list[int], list[int]]:
    return (
        [at for at, party in enumerate(parties) if party == positive],
        [at for at, party in enumerate(parties) if party == negative],
    )


def _by_legislator(id_: str, members: Sequence[Member]) -> Orientation:
    found = _legislator(id_, "orientation.legislator", members)
    return Orientation(f"legislator {id_} ({members[found[0]].name}) positive", found, [])


def _legislator(id_: str, setting: str, members: Sequence[Member]) -> list[int]:
    """The positions of the legislator with an id; one in each term in a model of several."""
    found = [at for at, member in enumerate(members) if id_ in (member.id, member.person)]
    if len({members[at].person for at in found}) > 1:
        who = " and ".join(f"{members[at].name} (id {members[at].id})" for at in found)
        raise DataProblem(
            f"{setting}: {id_!r} is the id of one and tells another one as a person: {who}; name the id or "
            "the person that only one of them has",
            setting=setting,
            value=id_,
        )
    if found:
        return found
    named = [member for member in members if member.name.casefold() == id_.casefold()]
    hint = (
        f" Did you mean {named[0].id!r}, the id of {named[0].name}?"
        if named
        else did_you_mean(id_, [member.id for member in members])
    )
    everyone = listed(f"{member.id} ({member.name})" for member in members)
    raise DataProblem(
        f"{setting}: {id_!r} is nobody's id among the {len(members)} legislators who "
        f"vote.{hint} They are {everyone}",
        setting=setting,
        value=id_,
    )


def _refuse_unknown_party(
    party: str, setting: str, members: Sequence[Member], all_members: Sequence[Member]
) -> None:
    counts = party_counts(members)
    if party not in counts:
        raise DataProblem(
            f"{setting}: nobody is of the party {party!r}.{did_you_mean(party, counts)} "
            f"{_who(members, all_members)}",
            setting=setting,
            value=party,
        )


def _who(members: Sequence[Member], all_members: Sequence[Member]) -> str:
    """`The 102 legislators who vote are of the parties R (56), D (45), Indep (1)`."""
    left = len(all_members) - len(members)
    without = f" ({left} more have no vote in the sample)" if left else ""
    parties = counted(party_counts(members))
    return f"The {len(members)} legislators who vote are of the parties {parties}{without}"


def party_counts(members: Sequence[Member]) -> dict[str, int]:
    """Members by party."""
    counts: dict[str, int] = {}
    for member in members:
        counts[member.party] = counts.get(member.party, 0) + 1
    return dict(sorted(counts.items()))
