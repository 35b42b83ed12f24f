"""What is decided about the data before anything is computed; no package is needed, so `plan` checks it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .named import Orientation, find_orientation, find_parties, refuse_unmet_needs
from .problems import DataProblem, listed
from .settings import DataSettings
from .tables import Member, Votes, read_votes


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


def read_chamber(settings: DataSettings) -> Chamber:
    """Read, drop unanimous roll calls, sample, drop members without a vote; find whom the settings name."""
    refuse_unmet_needs(settings)
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
    parties = find_parties(settings, members, votes.members)
    return Chamber(
        votes=votes,
        members=members,
        dropped=[member for member, there in zip(votes.members, present, strict=True) if not there],
        rollcalls=[votes.rollcalls[at] for at in sampled],
        cells=cells,
        kept=kept,
        sampled=sampled,
        parties=parties,
        orientation=find_orientation(settings, members, parties),
    )


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
