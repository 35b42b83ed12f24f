"""What is decided about the data before anything is computed; no package is needed, so `plan` checks it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .columns import Source
from .linking import Body, Joined, join
from .named import Orientation, find_anchors, find_orientation, find_parties, refuse_unmet_needs
from .people import Member
from .problems import DataProblem, listed
from .settings import DataSettings
from .tables import Votes, read_votes


@dataclass(frozen=True)
class Chamber:
    """Members × roll calls that are modelled, of one chamber or of several, and whom the settings name."""

    bodies: list[Body]
    joined: Joined
    parties: tuple[str, str] | None
    orientation: Orientation
    # Of the members, those that fix a rotation; None where the votes choose them.
    anchors: tuple[int, int] | None

    @property
    def members(self) -> list[Member]:
        """Who has a position."""
        return self.joined.members

    @property
    def votes(self) -> Votes:
        """Of the first chamber, as read."""
        return self.bodies[0].votes

    @property
    def rollcalls(self) -> list[str]:
        """Names of the modelled ones."""
        return self.joined.rollcalls

    @property
    def cells(self) -> list[list[int | None]]:
        """Members × roll calls."""
        return self.joined.cells


def read_chamber(settings: DataSettings) -> Chamber:
    """Read, drop unanimous roll calls, sample, drop members without a vote; find whom the settings name."""
    refuse_unmet_needs(settings)
    sources = [settings.source, *settings.linked]
    _refuse_equal_names(sources)
    bodies = [_body(settings, source) for source in sources]
    joined = join(bodies, by_term=settings.model == "dynamic")
    present = {member.person for member in joined.members}
    everyone = [*joined.members, *(member for member in joined.dropped if member.person not in present)]
    parties = find_parties(settings, joined.members, everyone)
    return Chamber(
        bodies,
        joined,
        parties,
        orientation=find_orientation(settings, joined.members, parties),
        anchors=find_anchors(settings, joined.members),
    )


def _refuse_equal_names(sources: Sequence[Source]) -> None:
    names = [source.body for source in sources]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise DataProblem(
                f"two chambers have the name {name!r}; give one of them another `name`",
                setting=f"{sources[index].within}name",
                value=name,
            )


def _body(settings: DataSettings, source: Source) -> Body:
    votes = read_votes(source)
    kept = [at for at in range(len(votes.rollcalls)) if _is_contested(row[at] for row in votes.cells)]
    sampled = _sample(settings, source, votes.rollcalls, kept)
    body = Body(source.body, votes, kept, sampled)
    rows = [(member, row) for member, row in body.rows if any(vote is not None for vote in row)]
    if len(rows) < 3 or len(sampled) < 2:
        raise DataProblem(
            f"{len(rows)} members and {len(sampled)} roll calls remain, 3 and 2 are needed "
            f"({len(votes.rollcalls) - len(kept)} of {len(votes.rollcalls)} roll calls are unanimous; "
            f"{_meaning(votes)})",
            file=source.votes,
        )
    _refuse_unconnected(source, [member for member, _ in rows], [row for _, row in rows])
    return body


def _is_contested(votes: Any) -> bool:
    """Unanimous roll calls, and those that nobody voted on, have nothing to say."""
    return {0, 1} <= set(votes)


def _meaning(votes: Votes) -> str:
    coding = votes.reading["coding"]
    sums = {meaning: sum(coding[meaning].values()) for meaning in ("yea", "nay", "missing")}
    return f"coding {coding['name']}: " + ", ".join(f"{count} {meaning}" for meaning, count in sums.items())


def _sample(settings: DataSettings, source: Source, names: Sequence[str], kept: list[int]) -> list[int]:
    """A choice by hash: the same on every machine and version, and a larger sample contains the smaller."""
    count, seed = settings.sample_rollcalls, settings.sample_seed
    if count is None:
        return kept
    if count > len(kept):
        raise DataProblem(
            f"sample.rollcalls: {count} asked for, {len(kept)} are not unanimous",
            setting="sample",
            file=source.votes,
        )
    ranked = sorted(kept, key=lambda at: hashlib.sha256(f"{seed}:{names[at]}".encode()).digest())
    return sorted(ranked[:count])


def _refuse_unconnected(source: Source, members: Sequence[Member], cells: list[list[int | None]]) -> None:
    """Groups that no roll calls link have scales of their own: nothing compares their signs and origins."""
    groups = _groups(cells)
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
        file=source.votes,
    )


def _groups(cells: list[list[int | None]]) -> list[tuple[list[int], int]]:
    """Members that roll calls link, directly or through others, with the number of these roll calls."""
    rollcalls = len(cells[0])
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
