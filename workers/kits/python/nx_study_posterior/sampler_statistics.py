"""How much of `draws.nc` the statistics of a sampler take; standard library only."""

# Sampler → bytes of `sample_stats` for each draw of a chain: the widths of its variables as they are written.
# Draws from the prior have none.
STATISTICS_BYTES = {"nutpie": 131, "pymc": 130, "numpyro": 50, "blackjax": 50, "prior": 0}
# `low_rank` also counts its eigenvalues.
LOW_RANK_BYTES = 8


def statistics_bytes(sampler: str, adaptation: str) -> int:
    """Of each draw, by two settings of the configuration."""
    of_metric = LOW_RANK_BYTES if sampler == "nutpie" and adaptation == "low_rank" else 0
    return STATISTICS_BYTES[sampler] + of_metric
