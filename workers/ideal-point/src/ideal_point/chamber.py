"""What is decided about the data before anything is computed; no package is needed, so `plan` checks it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .problems import DataProblem, counted, did_you_mean, listed
from .tables import Member, Source, Votes, read_votes

# What `parties` stands for when it is left out, in files that have both.
USUAL_PARTIES = ("D", "R")


@dataclass(frozen=True)
class DataSettings:
    """The settings of a configuration that decide which votes are modelled, and on which side is what."""

    source: Source
    sample_rollcalls: int | None
    sample_seed: int
    polarity: str
    hierarchical: bool
    parties: tuple[str, str] | None
    orientation: Any


@dataclass(frozen=True)
class Orientation:
    """Members whose mean is to lie on the positive side of the others' (or of `negative`); empty for none."""

    words: str
    positive: list[int]
    negative: list[int]


@dataclass(frozen=True)
class Chamber:
    """Members × roll calls that are modelled, and what was left out on the way."""

    votes: Votes
    members: list[Member]
    dropped: list[Member]
    rollcalls: list[str]
    cells: list[list[int | None]]
    # Indices into the roll calls of the file: not unanimous, and sampled.
    kept: list[int]
    sampled: list[int]
    parties: tuple[str, str] | None
    orientation: Orientation


def read_settings(values: Mapping[str, Any]) -> DataSettings:
    """From a configuration that the schema has accepted, with every default filled in."""
    return DataSettings(
        source=Source(
            votes=Path(values["votes"]),
            legislators=Path(values["legislators"]),
            coding=values["coding"],
            layout=values["layout"],
            separator=values["separator"],
            columns=values["columns"],
        ),
        sample_rollcalls=values["sample"]["rollcalls"],
        sample_seed=values["sample"]["seed"],
        polarity=values["polarity"],
        hierarchical=values["model"] == "hierarchical",
        parties=None if values["parties"] is None else (str(values["parties"][0]), str(values["parties"][1])),
        orientation=values["orientation"],
    )


def read_chamber(settings: DataSettings) -> Chamber:
    """Read, drop unanimous roll calls, sample, drop members without a vote; find whom the settings name."""
    votes = read_votes(settings.source)
    kept = [at for at in range(len(votes.rollcalls)) if _is_contested(row[at] for row in votes.cells)]
    sampled = _sample(votes.rollcalls, kept, settings.sample_rollcalls, settings.sample_seed)
    rows = [[row[at] for at in sampled] for row in votes.cells]
    present = [any(vote is not None for vote in row) for row in rows]
    members = [member for member, there in zip(votes.members, present, strict=True) if there]
    if len(members) < 3 or len(sampled) < 2:
        raise DataProblem(
            f"{len(members)} members and {len(sampled)} roll calls remain, 3 and 2 are needed "
            f"({len(votes.rollcalls) - len(kept)} of {len(votes.rollcalls)} roll calls are unanimous; "
            f"{_meaning(votes)})",
            file=settings.source.votes,
        )
    cells = [row for row, there in zip(rows, present, strict=True) if there]
    _refuse_unconnected(settings, members, [votes.rollcalls[at] for at in sampled], cells)
    parties = _parties(settings, members, votes.members)
    return Chamber(
        votes=votes,
        members=members,
        dropped=[member for member, there in zip(votes.members, present, strict=True) if not there],
        rollcalls=[votes.rollcalls[at] for at in sampled],
        cells=cells,
        kept=kept,
        sampled=sampled,
        parties=parties,
        orientation=_orientation(settings, members, parties),
    )


def party_counts(members: Sequence[Member]) -> dict[str, int]:
    """Members by party."""
    counts: dict[str, int] = {}
    for member in members:
        counts[member.party] = counts.get(member.party, 0) + 1
    return dict(sorted(counts.items()))


def _is_contested(votes: Any) -> bool:
    """Unanimous roll calls, and those that nobody voted on, have nothing to say."""
    return {0, 1} <= set(votes)


def _meaning(votes: Votes) -> str:
    coding = votes.reading["coding"]
    sums = {meaning: sum(coding[meaning].values()) for meaning in ("yea", "nay", "missing")}
    return f"coding {coding['name']}: " + ", ".join(f"{count} {meaning}" for meaning, count in sums.items())


def _sample(names: Sequence[str], kept: list[int], count: int | None, seed: int) -> list[int]:
    """A choice by hash: the same on every machine and version, and a larger sample contains the smaller."""
    if count is None:
        return kept
    if count > len(kept):
        raise DataProblem(
            f"sample.rollcalls: {count} asked for, {len(kept)} are not unanimous", setting="sample"
        )
    ranked = sorted(kept, key=lambda at: hashlib.sha256(f"{seed}:{names[at]}".encode()).digest())
    return sorted(ranked[:count])


def _refuse_unconnected(
    settings: DataSettings, members: Sequence[Member], rollcalls: Sequence[str], cells: list[list[int | None]]
) -> None:
    """Groups that no roll calls link have scales of their own: nothing compares their signs and origins."""
    groups = _groups(cells, len(rollcalls))
    if len(groups) < 2:
        return
    told = [
        f"{listed((f'{members[at].name} ({members[at].id})' for at in group), 5)}: {len(group)} members, "
        f"{size} roll calls"
        for group, size in sorted(groups, key=lambda item: -len(item[0]))
    ]
    raise DataProblem(
        f"the legislators fall into {len(groups)} groups without a common roll call, so that their positions "
        "can't be "
        f"compared: {listed((f'({number}) {words}' for number, words in enumerate(told, 1)), 5)}. Measure "
        "each group by "
        "itself, or add legislators or roll calls that link them",
        file=settings.source.votes,
    )


def _groups(cells: list[list[int | None]], rollcalls: int) -> list[tuple[list[int], int]]:
    """Members that roll calls link, directly or through others, with the number of these roll calls."""
    parent = list(range(rollcalls))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    first = []
    for row in cells:
        voted = [at for at, vote in enumerate(row) if vote is not None]
        first.append(voted[0])
        for other in voted[1:]:
            parent[root(other)] = root(voted[0])
    groups: dict[int, list[int]] = {}
    for member, rollcall in enumerate(first):
        groups.setdefault(root(rollcall), []).append(member)
    sizes: dict[int, int] = {}
    for rollcall in range(rollcalls):
        sizes[root(rollcall)] = sizes.get(root(rollcall), 0) + 1
    return [(group, sizes[at]) for at, group in groups.items()]


def _parties(
    settings: DataSettings, members: Sequence[Member], all_members: Sequence[Member]
) -> tuple[str, str] | None:
    """The two parties, the one that is to lie lower first; None where nothing names or needs them."""
    counts = party_counts(members)
    if settings.parties is None:
        usual = all(party in counts for party in USUAL_PARTIES)
        needs = ["polarity: party"] * (settings.polarity == "party") + [
            "model: hierarchical"
        ] * settings.hierarchical
        if not usual and needs:
            raise DataProblem(
                f"{needs[0]} needs two parties, and without the setting `parties` these are "
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
                    f"model: hierarchical needs two members of each party {found[0]} and {found[1]}; too few "
                    f"in {party}. "
                    f"{_who(members, all_members)}",
                    setting="model",
                )
    return found


def _orientation(
    settings: DataSettings, members: Sequence[Member], parties: tuple[str, str] | None
) -> Orientation:
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
                "orientation: nothing says which side is positive. By default it is the second of "
                "`parties`, and these "
                f"are {USUAL_PARTIES[0]} and {USUAL_PARTIES[1]} when left out. {_who(members, members)}. Set "
                "`parties`, or "
                "`orientation` to {party: …}, {legislator: …} or none",
                setting="orientation",
            )
        return Orientation(f"party {parties[1]} positive", *_both(parties_of, parties[1], parties[0]))
    if "party" in written:
        party = str(written["party"])
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
    return _by_legislator(str(written["legislator"]), members)


def _both(parties: list[str], positive: str, negative: str) -> tuple[list[int], list[int]]:
    return (
        [at for at, party in enumerate(parties) if party == positive],
        [at for at, party in enumerate(parties) if party == negative],
    )


def _by_legislator(id_: str, members: Sequence[Member]) -> Orientation:
    found = [at for at, member in enumerate(members) if member.id == id_]
    if found:
        return Orientation(f"legislator {id_} ({members[found[0]].name}) positive", found, [])
    named = [member for member in members if member.name.casefold() == id_.casefold()]
    hint = (
        f" Did you mean {named[0].id!r}, the id of {named[0].name}?"
        if named
        else did_you_mean(id_, [member.id for member in members])
    )
    everyone = listed(f"{member.id} ({member.name})" for member in members)
    raise DataProblem(
        f"orientation.legislator: {id_!r} is nobody's id among the {len(members)} legislators who "
        f"vote.{hint} They are {everyone}",
        setting="orientation.legislator",
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
