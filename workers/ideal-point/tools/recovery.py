"""How often the 90 % intervals of each structure have the true positions: votes simulated from the model.

python tools/recovery.py --structures flat,joint --simulations 20    # a JSON object for each structure
"""

import argparse
import csv
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

MEMBERS, ROLLCALLS = 30, 40
CHAINS, TUNE, DRAWS = 2, 300, 300
# That difficulties are simulated from; all other priors are the defaults, unless a structure says otherwise.
ALPHA = {"distribution": "normal", "mu": 0, "sigma": 1}
RASCH_BETA = {"distribution": "lognormal", "mu": 0, "sigma": 0.5}
DRIFT_SIGMA = 0.5
# Where the model itself fixes the side, draws need no turning: then a fit whose draws are on both sides of
# the first component has intervals, too, although `derive` gives it no aligned positions.
ALL_FITS = "positions, all fits"


@dataclass(frozen=True)
class Simulated:
    """A configuration whose files are written, and the truth by name: by legislator, or one number."""

    configuration: dict[str, Any]
    # By position in the result, (position,) or (position, 2).
    positions: np.ndarray
    ids: list[str]
    # Estimates of the result, on the aligned scale.
    quantities: dict[str, float]
    # Whether votes are fitted as they were simulated, also where the configuration recodes them.
    as_simulated: bool = False


def main() -> None:
    """Print a line for each structure."""
    parser = argparse.ArgumentParser(description="Recovery of simulated positions.")
    parser.add_argument("--structures", default=",".join(SIMULATORS))
    parser.add_argument("--simulations", type=int, default=20)
    arguments = parser.parse_args()
    for name in arguments.structures.split(","):
        print(json.dumps({"structure": name, **recovery(name, arguments.simulations)}), flush=True)


def recovery(name: str, simulations: int) -> dict[str, Any]:
    """Shares over all simulations, mean errors with standard errors, the mean correlation, CPU s of a fit."""
    from ideal_point.problems import DataProblem

    begin, fitter, found, refused, seed = time.process_time(), Fitter(), [], 0, 0
    while len(found) < simulations:
        try:
            found.append(recover(name, seed, fitter))
        except DataProblem:  # such as parties that have no side
            refused += 1
        seed += 1
    hits = {key: [one["hits"][key] for one in found] for key in found[0]["hits"]}
    return {
        "simulations": simulations,
        "coverage": {key: float(np.mean(np.concatenate(of))) for key, of in hits.items()},
        "intervals": {key: len(np.concatenate(of)) for key, of in hits.items()},
        # Not the binomial error: positions of one simulation share a scale.
        "standard_error": {key: _over([np.mean(one) for one in of if one])[1] for key, of in hits.items()},
        "error": {key: _over([one["errors"][key] for one in found]) for key in found[0]["errors"]},
        "correlation": {
            key: float(np.nanmean([one["correlations"][key] for one in found]))
            for key in found[0]["correlations"]
        },
        "split": sum(one["split"] for one in found),
        "not_aligned": sum(one["reason"] is not None for one in found),
        "reasons": [one["reason"] for one in found if one["reason"] is not None],
        "refused": refused,
        "cpu_s": (time.process_time() - begin) / simulations,
    }


def _over(simulations: Iterable[float]) -> tuple[float, float]:
    """Mean and its standard error; simulations without a number (NaN) do not count."""
    known = np.array([one for one in simulations if not math.isnan(one)])
    return float(known.mean()), float(known.std(ddof=1) / math.sqrt(len(known)))


def recover(name: str, seed: int, fitter: "Fitter") -> dict[str, Any]:
    """One simulated chamber, fitted: which intervals have the truth."""
    with tempfile.TemporaryDirectory() as folder:
        simulated = SIMULATORS[name](Path(folder), np.random.default_rng([len(name), seed]))
        derived = fitter.fit(Path(folder), simulated, seed)
    section = derived["sections"]["ideal-point"]
    by_id = {position["legislator"]: position for position in section["positions"]}
    rows = [by_id[id_] for id_ in simulated.ids]
    truth = simulated.positions.reshape(len(rows), -1)
    truth = (truth - truth.mean(axis=0)) / truth.std(axis=0)
    hits: dict[str, list[bool]] = {}
    for dimension in range(truth.shape[1]):
        key = "positions" if dimension == 0 else "second dimension"
        aligned = [row["aligned"] if dimension == 0 else row["second"]["aligned"] for row in rows]
        if aligned[0]["mean"] is None:
            hits[key] = []
            continue
        # The truth has no side of its own in the second dimension.
        means = np.array([one["mean"] for one in aligned])
        sign = 1.0 if dimension == 0 else math.copysign(1, float(means @ truth[:, dimension]))
        hits[key] = [
            bool(one["eti90"][0] <= sign * value <= one["eti90"][1])
            for one, value in zip(aligned, truth[:, dimension], strict=True)
        ]
    errors = {}
    for key, value in simulated.quantities.items():
        estimate = derived["estimates"][key]
        interval = estimate["eti90"]
        hits[key] = [] if interval is None else [bool(interval[0] <= value <= interval[1])]
        errors[key] = math.nan if interval is None else estimate["mean"] - value
    first = [row["aligned"]["mean"] for row in rows]
    correlations = {"positions": _correlation(first, truth[:, 0])}
    if (unturned := derived["unturned"]) is not None:
        at = [unturned["legislators"].index(id_) for id_ in simulated.ids]
        low, high = unturned["eti90"][:, at]
        hits[ALL_FITS] = ((low <= truth[:, 0]) & (truth[:, 0] <= high)).tolist()
        correlations[ALL_FITS] = _correlation(unturned["mean"][at], truth[:, 0])
    return {
        "hits": hits,
        "errors": errors,
        "correlations": correlations,
        "split": bool(section["sign"]["split"]),
        "reason": derived["reason"],
    }


def _correlation(means: Any, truth: np.ndarray) -> float:
    return math.nan if means[0] is None else float(np.corrcoef(means, truth)[0, 1])


class Fitter:
    """Fits of one structure: its model is compiled once, as all chambers have the same shape."""

    def __init__(self) -> None:
        self._compiled: Any = None
        # Of the shared variables that hold the observed values.
        self._names: dict[str, str] = {}

    def fit(self, folder: Path, simulated: Simulated, seed: int) -> dict[str, Any]:
        """Sample and derive what is compared with the truth."""
        import nutpie

        from ideal_point.config import read_configuration
        from ideal_point.data import observe
        from ideal_point.groups import attributes, groups
        from ideal_point.models import build_model
        from nx_study_posterior.sampling import MAX_TREEDEPTH
        from nx_study_posterior.storage import save_draws
        from nx_study_posterior.trimming import trim

        read = read_configuration(simulated.configuration)
        observations = observe(read)
        if simulated.as_simulated:
            recoded, matrix = observations.recoded, observations.matrix
            matrix = np.where(recoded, 1 - matrix, matrix)
            observations = replace(observations, matrix=matrix, recoded=np.zeros_like(recoded))
        if observations.report["rollcalls"]["unanimous_dropped"]:
            raise ValueError("a simulated roll call is unanimous")
        built = build_model(read, observations)
        trace = nutpie.sample(
            self._with_data(built, observations),
            chains=CHAINS,
            tune=TUNE,
            draws=DRAWS,
            cores=1,
            seed=seed,
            maxdepth=MAX_TREEDEPTH,
            progress_bar=False,
        )
        sampler = {"max_treedepth": MAX_TREEDEPTH, "keep": "all"}
        facts = {**attributes(read, observations, built), "sampler": sampler}
        save_draws(folder / "draws.nc", trim(trace), groups(observations), facts)
        return _described(folder / "draws.nc")

    def _with_data(self, built: Any, observations: Any) -> Any:
        """The compiled model with these votes and this start."""
        import nutpie
        from pymc.initial_point import make_initial_point_fn

        from nx_study_posterior.forward import share_data

        start = make_initial_point_fn(
            model=built.model,
            overrides=dict(built.initial),
            jitter_rvs={one for one in built.model.free_RVs if one.name in built.jittered},
            return_transformed=True,
        )
        if self._compiled is None:
            self._names = share_data(built.model)
            self._compiled = nutpie.compile_pymc_model(built.model)

        def vector(chain_seed: Any) -> np.ndarray:
            point = start(chain_seed)
            names = [name for name in self._compiled.shape_info[0] if name in point]
            return np.concatenate([np.ravel(point[name]) for name in names])

        with_votes = self._compiled.with_data(**{self._names["y"]: observations.cells[2]})
        return replace(with_votes, initial_point_func=vector)


def _described(path: Path) -> dict[str, Any]:
    """As `derive`, without what no truth is compared with."""
    from ideal_point import scale
    from ideal_point.derive.alignment import align
    from ideal_point.derive.draws import VoteDraws
    from ideal_point.derive.quantities import quantities
    from ideal_point.derive.second import add_second_dimension
    from ideal_point.derive.section import ideal_point_section
    from nx_study_posterior.derive.absence import Absences
    from nx_study_posterior.derive.draws import read_draws
    from nx_study_posterior.derive.estimates import estimates

    draws = read_draws(path, VoteDraws)
    assert draws is not None
    absences, aligned = Absences(), align(draws)
    unturned = None if draws.reflection_symmetric else scale.standardised(scale.positions(draws.posterior))
    section = ideal_point_section(draws, aligned, absences)
    if draws.dimensions > 1:
        add_second_dimension(section, draws, align(draws, dimension=1), absences)
    found = estimates(quantities(draws, aligned, section["fit"]), absences)
    return {
        "sections": {"ideal-point": section},
        "estimates": found,
        "reason": aligned.reason,
        "unturned": None
        if unturned is None
        else {
            "legislators": [str(one) for one in draws.posterior["legislator"].values],
            "mean": unturned.mean(axis=(0, 1)),
            "eti90": np.quantile(unturned, [0.05, 0.95], axis=(0, 1)),
        },
    }


def flat(folder: Path, random: np.random.Generator) -> Simulated:
    """ξ, β ~ Normal(0, 1)."""
    xi, beta = random.normal(size=MEMBERS), random.normal(size=ROLLCALLS)
    return _one_chamber(folder, random, xi, beta, model="flat")


def hierarchical(
    folder: Path, random: np.random.Generator, parties: tuple[np.ndarray, np.ndarray] | None = None
) -> Simulated:
    """Sorted means ~ Normal(0, 1), spreads ~ HalfNormal(1); or the means and spreads that are given."""
    half = MEMBERS // 2
    mu, sigma = parties or (np.sort(random.normal(size=2)), np.abs(random.normal(size=2)))
    party = np.array(["D"] * half + ["R"] * half)
    xi = np.repeat(mu, half) + np.repeat(sigma, half) * random.normal(size=MEMBERS)
    return _one_chamber(
        folder,
        random,
        xi,
        random.normal(size=ROLLCALLS),
        party=party,
        model="hierarchical",
    )


def rasch(folder: Path, random: np.random.Generator, recoded: bool = False) -> Simulated:
    """One β, positive; a 1 is the side of R on every roll call.

    Recoding by who says yea more often turns some roll calls by chance, which the model knows nothing of. So
    votes are fitted as they were simulated, unless they are to be `recoded`.
    """
    xi = random.normal(size=MEMBERS)
    beta = np.full(ROLLCALLS, math.exp(random.normal(0, RASCH_BETA["sigma"])))
    simulated = _one_chamber(folder, random, xi, beta, model="rasch", polarity="party", beta_prior=RASCH_BETA)
    return replace(simulated, as_simulated=not recoded)


def two_dimensional(folder: Path, random: np.random.Generator) -> Simulated:
    """The two ends of the first dimension are the anchors, so they agree in the second."""
    xi = random.normal(size=(MEMBERS, 2))
    xi = xi[np.argsort(xi[:, 0])]
    xi[-1, 1] = xi[0, 1]
    beta = random.normal(size=(ROLLCALLS, 2))
    anchors = ["0", str(MEMBERS - 1)]
    return _one_chamber(folder, random, xi, beta, model="two-dimensional", anchors=anchors)


def joint(
    folder: Path, random: np.random.Generator, shared: int = 10, shift: float = 0.0, spread: float = 1.0
) -> Simulated:
    """Two chambers that share people; those only in the second one have another mean and spread."""
    xi = random.normal(size=2 * MEMBERS - shared)
    xi[MEMBERS:] = shift + spread * xi[MEMBERS:]
    first, second = np.arange(MEMBERS), np.concatenate([np.arange(shared), np.arange(MEMBERS, len(xi))])
    party = np.where(xi > np.median(xi), "R", "D")
    configuration = _chamber(folder, "one", _votes(random, xi[first]), first, party[first])
    other = _chamber(folder, "two", _votes(random, xi[second]), second, party[second])
    spread = xi.std()
    return Simulated(
        {**configuration, "model": "joint", "linked": [other], "alpha_prior": ALPHA},
        xi,
        [str(index) for index in range(len(xi))],
        {
            "chamber_shift.two": float((xi[second].mean() - xi[first].mean()) / spread),
            "chamber_stretch.two": float(xi[second].std() / xi[first].std()),
        },
    )


def dynamic(folder: Path, random: np.random.Generator) -> Simulated:
    """Three terms; a third of the members leave after each."""
    tau, leaving, size = abs(random.normal(0, DRIFT_SIGMA)), 7, 20
    terms, positions, ids, people = [], [], [], {}
    for term in range(3):
        here = list(range(term * leaving, term * leaving + size))
        for person in here:
            known = people.get(person)
            people[person] = random.normal() if known is None else known + tau * random.normal()
        xi = np.array([people[person] for person in here])
        party = np.where(xi > np.median(xi), "R", "D")
        terms.append(_chamber(folder, f"t{term}", _votes(random, xi), here, party))
        positions.extend(xi)
        ids.extend(f"{person} in t{term}" for person in here)
    return Simulated(
        {**terms[0], "model": "dynamic", "linked": terms[1:], "alpha_prior": ALPHA},
        np.array(positions),
        ids,
        {},
    )


SIMULATORS: dict[str, Callable[[Path, np.random.Generator], Simulated]] = {
    "flat": flat,
    "hierarchical": hierarchical,
    "rasch": rasch,
    "rasch-recoded": partial(rasch, recoded=True),
    "two-dimensional": two_dimensional,
    "joint": joint,
    # The shift of the whole chamber is about half of that: 0.78 on average.
    "joint-shifted": partial(joint, shared=12, shift=1.5),
    "joint-stretched": partial(joint, shared=12, spread=2.0),
    "dynamic": dynamic,
}


def _one_chamber(
    folder: Path,
    random: np.random.Generator,
    xi: np.ndarray,
    beta: np.ndarray,
    *,
    party: np.ndarray | None = None,
    **settings: Any,
) -> Simulated:
    first = xi.reshape(len(xi), -1)[:, 0]
    parties = np.where(first > np.median(first), "R", "D") if party is None else party
    configuration = _chamber(folder, "one", _votes(random, xi, beta), range(len(xi)), parties)
    return Simulated(
        {**configuration, "alpha_prior": ALPHA, **settings}, xi, [str(at) for at in range(len(xi))], {}
    )


def _votes(random: np.random.Generator, xi: np.ndarray, beta: np.ndarray | None = None) -> np.ndarray:
    """Members × roll calls. α and votes of a unanimous roll call are drawn again: it would be left out."""
    beta = random.normal(size=ROLLCALLS) if beta is None else beta
    product = xi.reshape(len(xi), -1) @ beta.reshape(len(beta), -1).T
    votes = np.zeros(product.shape, dtype=bool)
    while (unanimous := votes.all(axis=0) | ~votes.any(axis=0)).any():
        eta = product[:, unanimous] - random.normal(size=int(unanimous.sum()))
        votes[:, unanimous] = random.random(eta.shape) < 1 / (1 + np.exp(-eta))
    return votes


def _chamber(
    folder: Path, name: str, votes: np.ndarray, people: Iterable[int], parties: np.ndarray
) -> dict[str, str]:
    """Write the two files of a chamber."""
    ids = [str(person) for person in people]
    paths = {key: folder / f"{name}.{key}.csv" for key in ("votes", "legislators")}
    header = ["id", *(f"{name}-{column}" for column in range(votes.shape[1]))]
    _write(paths["votes"], [header, *([id_, *map(int, row)] for id_, row in zip(ids, votes, strict=True))])
    rows = [[id_, f"M{id_}", party] for id_, party in zip(ids, parties, strict=True)]
    _write(paths["legislators"], [["id", "name", "party"], *rows])
    return {key: str(path) for key, path in paths.items()}


def _write(path: Path, rows: Iterable[Iterable[Any]]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
