"""What the result says of the data: what was read, what was left out, and how chambers are linked."""

from typing import Any

from .chamber import Chamber
from .people import Member


def counts(chamber: Chamber) -> dict[str, Any]:
    """Rows, roll calls and cells, of all chambers together."""
    bodies, joined = chamber.bodies, chamber.joined
    return {
        "rows": {
            "votes": sum(len(body.votes.members) for body in bodies),
            "legislators": sum(body.votes.legislators for body in bodies),
            "kept": len(joined.members),
            # Every row is kept, the president's among them; only an empty one has nothing to say.
            "dropped_without_votes": [who(member) for member in joined.dropped],
        },
        "rollcalls": {
            "read": sum(len(body.votes.rollcalls) for body in bodies),
            "unanimous_dropped": sum(len(body.votes.rollcalls) - len(body.kept) for body in bodies),
            "kept": sum(len(body.kept) for body in bodies),
            "sampled": len(joined.rollcalls),
            "names": joined.rollcalls,
        },
        "cells": {
            "read_observed": sum(
                vote is not None for body in bodies for row in body.votes.cells for vote in row
            ),
            "kept": sum(len(body.votes.members) * len(body.kept) for body in bodies),
            "kept_observed": sum(
                row[at] is not None for body in bodies for row in body.votes.cells for at in body.kept
            ),
            "modelled": len(joined.members) * len(joined.rollcalls),
            "observed": sum(vote is not None for row in joined.cells for vote in row),
        },
    }


def chambers_report(chamber: Chamber, correlations: list[float]) -> list[dict[str, Any]]:
    """By chamber: its size, how many people link it to those before it, and how well they agree."""
    links = {
        link.body: (len(link.people), correlation)
        for link, correlation in zip(chamber.joined.links, correlations, strict=True)
    }
    return [
        {
            "name": body.name,
            "members": sum(party is not None for party in chamber.joined.parties_in[index]),
            "rollcalls": len(body.sampled),
            "reading": body.votes.reading,
            "linked_by": links[index][0] if index in links else None,
            "correlation_of_links": links[index][1] if index in links else None,
        }
        for index, body in enumerate(chamber.bodies)
    ]


def party_changes(chamber: Chamber) -> list[dict[str, Any]]:
    """Who is of several parties, by chamber: numbers by party count a position under the first of them."""
    by_member = zip(*chamber.joined.parties_in, strict=True)
    names = [body.name for body in chamber.bodies]
    return [
        {**who(member), "parties": {name: one for name, one in zip(names, parties, strict=True) if one}}
        for member, parties in zip(chamber.members, by_member, strict=True)
        if len({one for one in parties if one}) > 1
    ]


def who(member: Member) -> dict[str, str]:
    """As the result names a legislator."""
    return {"legislator": member.id, "name": member.name, "party": member.party}
