"""Several chambers or terms on one scale, by the people who sit in more than one; standard library."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .people import Member
from .problems import DataProblem, listed
from .tables import Votes

# Two people determine a shift and a stretch; the third can contradict them.
LINKS_MIN = 3


@dataclass(frozen=True)
class Body:
    """One chamber or term as read, with the roll calls that are modelled: not unanimous, and sampled."""

    name: str
    votes: Votes
    kept: list[int]
    sampled: list[int]

    @property
    def rollcalls(self) -> list[str]:
        """Names of the modelled ones."""
        return [self.votes.rollcalls[at] for at in self.sampled]

    @property
    def rows(self) -> list[tuple[Member, list[int | None]]]:
        """The members with their votes on the modelled roll calls."""
        return [
            (member, [row[at] for at in self.sampled])
            for member, row in zip(self.votes.members, self.votes.cells, strict=True)
        ]


@dataclass(frozen=True)
class Link:
    """A chamber (an index) that is put on the scale of those before it, by people who sit in both."""

    body: int
    people: list[str]


@dataclass(frozen=True)
class Joined:
    """Positions × roll calls of all chambers; a position is a member's, or a member's in one term."""

    members: list[Member]
    # Who has no position, as none of their votes is in the sample.
    dropped: list[Member]
    rollcalls: list[str]
    cells: list[list[int | None]]
    # The chamber of each roll call.
    body_of: list[int]
    # The first chamber of each position.
    home: list[int]
    # By chamber: the party there of each position, None for who does not sit there.
    parties_in: list[list[str | None]]
    # The earlier position of the same person and how many terms lie between; None for the first.
    previous: list[tuple[int, int] | None]
    links: list[Link]

    @property
    def votes(self) -> list[list[int]]:
        """How many votes each position has in each chamber."""
        counts = [[0] * len(self.parties_in) for _ in self.cells]
        for row, count in zip(self.cells, counts, strict=True):
            for vote, body in zip(row, self.body_of, strict=True):
                count[body] += vote is not None
        return counts


def join(bodies: Sequence[Body], *, by_term: bool) -> Joined:
    """One position for each person, or `by_term` one for each person in each term.

    An id that is one person's in a chamber and another's elsewhere has the chamber's name behind it.
    """
    present = [
        [(member, row) for member, row in body.rows if any(vote is not None for vote in row)]
        for body in bodies
    ]
    links = _links(bodies, [{member.person for member, _ in rows} for rows in present])
    before = [sum(len(body.sampled) for body in bodies[:index]) for index in range(len(bodies) + 1)]
    members: list[Member] = []
    cells: list[list[int | None]] = []
    home: list[int] = []
    parties_in: list[list[str | None]] = [[] for _ in bodies]
    previous: list[tuple[int, int] | None] = []
    places: dict[str, tuple[int, int]] = {}
    ambiguous = _ambiguous(bodies)
    for index, rows in enumerate(present):
        for member, row in rows:
            known = places.get(member.person)
            if known is None or by_term:
                previous.append(None if known is None else (known[0], index - known[1]))
                places[member.person] = (len(members), index)
                members.append(_named(member, bodies[index].name, ambiguous, by_term=by_term))
                cells.append([None] * before[-1])
                home.append(index)
                for parties in parties_in:
                    parties.append(None)
            at = places[member.person][0]
            cells[at][before[index] : before[index + 1]] = row
            parties_in[index][at] = member.party
    return Joined(
        members=members,
        dropped=_dropped(bodies, present, by_term=by_term),
        rollcalls=_rollcalls(bodies),
        cells=cells,
        body_of=[index for index, body in enumerate(bodies) for _ in body.sampled],
        home=home,
        parties_in=parties_in,
        previous=previous,
        links=links,
    )


def _dropped(
    bodies: Sequence[Body], present: Sequence[list[tuple[Member, list[int | None]]]], *, by_term: bool
) -> list[Member]:
    """Each person once; `by_term` each person in each term, as positions are.

    Who votes in another chamber has a position.
    """
    ambiguous = _ambiguous(bodies)
    voting = [{member.person for member, _ in rows} for rows in present]
    anywhere = set().union(*voting)
    dropped: dict[str, Member] = {}
    for body, there in zip(bodies, voting, strict=True):
        for member in body.votes.members:
            if member.person not in (there if by_term else anywhere):
                place = f"{member.person} in {body.name}" if by_term else member.person
                dropped.setdefault(place, _named(member, body.name, ambiguous, by_term=by_term))
    return list(dropped.values())


def _ambiguous(bodies: Sequence[Body]) -> set[str]:
    """Ids that are not the same person's in all chambers, such as the numbers of rows."""
    persons: dict[str, set[str]] = {}
    for body in bodies:
        for member in body.votes.members:
            persons.setdefault(member.id, set()).add(member.person)
    return {id_ for id_, found in persons.items() if len(found) > 1}


def _named(member: Member, body: str, ambiguous: set[str], *, by_term: bool) -> Member:
    if by_term:
        return replace(member, id=f"{member.id} in {body}", name=f"{member.name} in {body}")
    return replace(member, id=f"{member.id} in {body}") if member.id in ambiguous else member


def _rollcalls(bodies: Sequence[Body]) -> list[str]:
    """Names as in the files; with the chamber's before each, where two chambers have the same."""
    names = [name for body in bodies for name in body.rollcalls]
    if len(set(names)) == len(names):
        return names
    return [f"{body.name}: {name}" for body in bodies for name in body.rollcalls]


def _links(bodies: Sequence[Body], people: Sequence[set[str]]) -> list[Link]:
    """Each chamber after the first, in the order in which most people link it to those before it."""
    linked, placed = [], set(people[0])
    rest = list(range(1, len(bodies)))
    while rest:
        best = max(rest, key=lambda index: len(people[index] & placed))
        shared = people[best] & placed
        if len(shared) < LINKS_MIN:
            raise _unlinked(bodies, people, placed, rest)
        linked.append(Link(best, sorted(shared)))
        placed |= people[best]
        rest.remove(best)
    return linked


def _unlinked(
    bodies: Sequence[Body], people: Sequence[set[str]], placed: set[str], rest: list[int]
) -> DataProblem:
    reached = listed(body.name for index, body in enumerate(bodies) if index not in rest)
    numbers = listed(
        f"{len(people[index] & placed)} of the {len(people[index])} who vote in {bodies[index].name}"
        for index in rest
    )
    return DataProblem(
        f"linked: too few people sit in several chambers: {LINKS_MIN} are needed to link two scales, and of "
        f"the {len(placed)} who vote in {reached} there are only {numbers}. They are the same person by "
        "their id; where ids differ, name a column that tells persons, in all `legislators`, as "
        "`columns.person`",
        setting="linked",
    )
