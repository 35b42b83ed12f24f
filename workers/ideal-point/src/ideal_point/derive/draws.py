"""The draws of a model of votes."""

from nx_study_posterior.derive.draws import Draws


class VoteDraws(Draws):
    """Draws with `xi`, `alpha`, `beta`, and the votes in `observed` and `constant` (see groups.py)."""

    @property
    def reflection_symmetric(self) -> bool:
        """Whether the mirror image of a solution is as likely, so that a chain may be turned."""
        return bool(self.attributes.get("notes", {}).get("reflection_symmetric", False))

    @property
    def parties(self) -> list[str]:
        """All parties, as spelt in the file."""
        return sorted({str(party) for party in self.constant["party"].values})

    @property
    def party_pair(self) -> tuple[str, str] | None:
        """The two parties of the configuration, the one that is to lie lower first."""
        pair = self.attributes.get("parties")
        return (str(pair[0]), str(pair[1])) if pair else None
