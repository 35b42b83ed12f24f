"""VoteDraws made by hand, so that every number derived from them can be computed again."""

import numpy as np
import xarray as xr

from ideal_point.derive.draws import VoteDraws

PARTIES = ("D", "D", "D", "I", "R", "R", "R", "R")


def small_draws(seed=1, chains=4, draws=250, rollcalls=12, **attributes):
    """Eight members around −1 and 1, twelve roll calls; all draws are independent."""
    random = np.random.default_rng(seed)
    members = len(PARTIES)
    center = np.where(np.array(PARTIES) == "R", 1.0, -1.0) + np.linspace(-0.3, 0.3, members)
    slope = np.linspace(0.5, 2, rollcalls)
    data = np.random.default_rng(7)  # the votes do not depend on the seed of the draws
    voted = data.random((members, rollcalls)) < 0.9
    member, rollcall = np.nonzero(voted)
    votes = (data.random(len(member)) < 1 / (1 + np.exp(-slope[rollcall] * center[member]))).astype(np.int64)
    shape = (chains, draws)
    posterior = {
        "xi": ("legislator", center + random.normal(0, 0.2, (*shape, members))),
        "alpha": ("rollcall", random.normal(0, 0.3, (*shape, rollcalls))),
        "beta": ("rollcall", slope + random.normal(0, 0.2, (*shape, rollcalls))),
    }
    coordinates = {
        "legislator": [f"m{index}" for index in range(members)],
        "rollcall": [f"r{index}" for index in range(rollcalls)],
    }
    statistics = {
        "energy": random.normal(100, 3, shape),
        "lp": random.normal(-50, 2, shape),
        "tree_depth": random.integers(3, 5, shape),
        "diverging": random.random(shape) < 0.01,
        "reached_max_treedepth": np.zeros(shape, dtype=bool),
        "n_steps": random.integers(7, 15, shape),
    }
    return VoteDraws(
        posterior=xr.Dataset(
            {name: (("chain", "draw", dim), values) for name, (dim, values) in posterior.items()},
            coords=coordinates,
        ),
        statistics=xr.Dataset({name: (("chain", "draw"), values) for name, values in statistics.items()}),
        observed=xr.Dataset({"y": ("cell", votes)}),
        constant=xr.Dataset(
            {
                "member_index": ("cell", member),
                "rollcall_index": ("cell", rollcall),
                "name": ("legislator", [f"Member {index}" for index in range(members)]),
                "party": ("legislator", list(PARTIES)),
                "first_component": ("legislator", center),
                "recoded": ("rollcall", np.arange(rollcalls) % 3 == 0),
            },
            coords=coordinates,
        ),
        attributes={
            "parties": ["D", "R"],
            "polarity": "party",
            "start_oriented_by": "party R positive",
            "sampler": {"max_treedepth": 10},
            "priors": {
                "xi": {"distribution": "normal", "mu": 0, "sigma": 1},
                "beta": {"distribution": "lognormal", "mu": 0, "sigma": 0.5},
            },
            "notes": {"reflection_symmetric": True},
            **attributes,
        },
    )
