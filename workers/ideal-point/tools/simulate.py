"""Simulated roll calls with known positions, from the standard library alone: the same bytes everywhere.

python tools/simulate.py ../../studies/data/simulated --seed 1 --members 30 --rollcalls 40
"""

import argparse
import csv
import math
import random
from collections.abc import Iterable
from pathlib import Path

MISSING_SHARE = 0.05


def main() -> None:
    """Write votes.csv, legislators.csv and truth.csv."""
    parser = argparse.ArgumentParser(description="Simulate roll calls of a two-party chamber.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--members", type=int, default=30)
    parser.add_argument("--rollcalls", type=int, default=40)
    simulate(**vars(parser.parse_args()))


def simulate(folder: Path, seed: int, members: int, rollcalls: int) -> None:
    """Parties at -0.8 and 0.8, discriminations of both signs, one vote in twenty missing."""
    random_ = random.Random(seed)
    ids = [f"{1001 + index}" for index in range(members)]
    parties = ["D" if index < members // 2 else "R" for index in range(members)]
    positions = [random_.gauss(-0.8 if party == "D" else 0.8, 0.6) for party in parties]
    names = [f"sim-{index + 1:03d}" for index in range(rollcalls)]
    alphas = [random_.gauss(0, 1) for _ in names]
    betas = [random_.gauss(0, 1.5) for _ in names]

    votes = []
    for xi in positions:
        row = []
        for alpha, beta in zip(alphas, betas, strict=True):
            yea = random_.random() < 1 / (1 + math.exp(alpha - beta * xi))
            row.append("" if random_.random() < MISSING_SHARE else str(int(yea)))
        votes.append(row)

    folder.mkdir(parents=True, exist_ok=True)
    _write(
        folder / "votes.csv", [["id", *names], *([id_, *row] for id_, row in zip(ids, votes, strict=True))]
    )
    people = [
        ["id", "name", "party"],
        *([id_, f"MEMBER {id_}", party] for id_, party in zip(ids, parties, strict=True)),
    ]
    _write(folder / "legislators.csv", people)
    truth = [["id", "xi"], *([id_, f"{xi:.6f}"] for id_, xi in zip(ids, positions, strict=True))]
    _write(folder / "truth.csv", truth)


def _write(path: Path, rows: Iterable[Iterable[str]]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
