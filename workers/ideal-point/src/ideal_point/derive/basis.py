"""What two posteriors must have in common before their numbers may be compared."""

import hashlib

import numpy as np

from .draws import VoteDraws


def basis(draws: VoteDraws) -> dict[str, str]:
    """By name, in words; where one differs, the numbers of two measurements answer different questions."""
    recoded = draws.constant["recoded"].values
    as_read = np.where(recoded[draws.constant["rollcall_index"].values], 1 - _votes(draws), _votes(draws))
    parties = draws.party_pair
    return {
        "votes": f"{len(as_read)} votes of {draws.constant.sizes['legislator']} legislators on "
        f"{len(recoded)} roll calls, sha256 {cells_sha256(draws, as_read)}",
        "coding": f"polarity {draws.attributes.get('polarity')}: {int(recoded.sum())} of {len(recoded)} "
        f"roll calls recoded, sha256 {hashlib.sha256(np.packbits(recoded).tobytes()).hexdigest()}",
        "parties": f"{parties[1]} less {parties[0]}, of members with sha256 {_parties_sha256(draws)}"
        if parties
        else "none",
        "scale": "mean 0 and standard deviation 1 over all legislators in each draw; "
        f"side: {draws.attributes.get('start_oriented_by')}{_anchors(draws)}",
    }


def observed_sha256(draws: VoteDraws) -> str:
    """Of the observations as modelled, in their order: `data.observed_sha256` of the result again."""
    return cells_sha256(draws, _votes(draws))


def cells_sha256(draws: VoteDraws, votes: np.ndarray) -> str:
    """Of `legislator,rollcall,vote` by line."""
    legislators = draws.constant["legislator"].values
    rollcalls = draws.constant["rollcall"].values
    members, columns = (draws.constant["member_index"].values, draws.constant["rollcall_index"].values)
    digest = hashlib.sha256()
    for member, column, vote in zip(members, columns, votes, strict=True):
        digest.update(f"{legislators[member]},{rollcalls[column]},{int(vote)}\n".encode())
    return digest.hexdigest()


def _parties_sha256(draws: VoteDraws) -> str:
    """Of `legislator,party` by line."""
    members = zip(draws.constant["legislator"].values, draws.constant["party"].values, strict=True)
    return hashlib.sha256("".join(f"{name},{party}\n" for name, party in members).encode()).hexdigest()


def _anchors(draws: VoteDraws) -> str:
    """They fix the rotation of two dimensions, and so what these mean."""
    anchors = draws.attributes.get("notes", {}).get("anchors")
    return f", anchors {' and '.join(map(str, anchors))}" if draws.dimensions > 1 and anchors else ""


def _votes(draws: VoteDraws) -> np.ndarray:
    return np.asarray(draws.observed["y"].values)
