"""The joint model: several chambers or terms on one scale, by the people who sit in more than one of them."""

from ..linking import LINKS_MIN
from .flat import build_flat, size_of_flat
from .structure import Structure

JOINT = Structure(
    name="joint",
    summary="`votes` and the chambers of `linked` on one scale",
    identification="Location and scale: the position prior, the same for the people of all chambers. "
    "Between chambers: who sits in several has one position in all of them, which fixes shift and stretch of "
    "each chamber against the others. This is an assumption, which votes test only as far as the shared "
    f"people agree. At least {LINKS_MIN} people must link a chamber to the others: two determine shift and "
    "stretch, a third can contradict them. Side: as in the flat model, for all chambers together.",
    # Every person has one position on all roll calls, so the density is that of the flat model.
    build=build_flat,
    size=size_of_flat,
    reads=frozenset({"linked"}),
)
