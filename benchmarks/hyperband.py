"""Hyperband against random search: epochs to the least error of any of its networks, on eight real tasks."""

import math
from collections.abc import Iterator
from statistics import median
from typing import Any

import netwright as nw
from benchmarks._studies import SPACE, controls, dataset, fill, trying

EPOCHS, TRIALS, ROUND = (9, 8, 17) if trying() else (81, 128, 143)
"""A round of Hyperband over 81 epochs begins with 81 + 34 + 15 + 8 + 5 trials, one over 9 with 9 + 5 + 3."""
NEXT = 1000
"""What the seed of one round is away from that of the next."""
SETTINGS = {"epochs": EPOCHS, "random trials": TRIALS, "trials a round": ROUND, "space": SPACE.to_json()}


def main() -> None:
    """Random search trains all its trials to the end; Hyperband makes round after round until it is as good."""
    fill("hyperband", SETTINGS, repeat, table)


def repeat(task: str, seed: int) -> dict[str, Any]:
    """Return the epochs of random search, and those of Hyperband until one of its networks is as good."""
    ds, base = dataset(task), controls(EPOCHS)
    random = nw.tune(ds, SPACE, "random", trials=TRIALS, controls=base, seed=seed)
    # The best of all its networks at the end of any epoch: Hyperband's are judged after each of their levels, too.
    curves = [curve for curve in random.trials["curve"].to_list() if curve]
    target = min(error for curve in curves for error in curve if error is not None)
    budget = int(random.trials["epochs"].sum())
    found: list[tuple[int, float]] = []
    spent = 0
    while spent < budget and not (found and found[-1][1] <= target):
        number = len(found)
        study = nw.tune(ds, SPACE, "hyperband", trials=ROUND, controls=base, seed=seed + NEXT * (1 + number))
        lowest = found[-1][1] if found else math.inf
        found += [(spent + epochs, min(lowest, error)) for epochs, error in levels(study)]
        spent = found[-1][0]
    needed = next((epochs for epochs, error in found if error <= target), None)
    share = None if needed is None else needed / budget
    told = f"target {target:.5g}, share of random's {budget:,} epochs: {_shown(share)}"
    return {
        "told": told,
        "target": target,
        "budget": budget,
        "needed": needed,
        "share": share,
        "lowest": found,
    }


def levels(study: nw.Study) -> Iterator[tuple[int, float]]:
    """Yield the epochs spent and the lowest error so far after each level that some trials were stopped at.

    All brackets run side by side: what is spent up to a level are all trials' epochs up to it.
    """
    curves = [curve for curve in study.trials["curve"].to_list() if curve]
    lowest = math.inf
    for level in sorted({len(curve) for curve in curves}):
        errors = [curve[level - 1] for curve in curves if len(curve) >= level]
        lowest = min([lowest, *(error for error in errors if error is not None)])
        yield sum(min(len(curve), level) for curve in curves), lowest


def table(tasks: dict[str, Any]) -> str:
    """By task: the median share of random search's epochs, and in how many repeats it was at most a fifth."""
    lines = [
        f"## Hyperband: epochs to the least error of {TRIALS} random trials of {EPOCHS} epochs, as a share of theirs\n",
        "| data | repeats | median share | at most 1/5 | within random's epochs |",
        "|---|---|---|---|---|",
    ]
    medians: list[float] = []
    for task, repeats in tasks.items():
        shares = [math.inf if one["share"] is None else one["share"] for one in repeats.values()]
        medians.append(median(shares))
        within = sum(share <= 1 for share in shares)
        lines.append(
            f"| {task} | {len(shares)} | {_shown(medians[-1])} | {sum(share <= 0.2 for share in shares)} | {within} |"
        )
    return "\n".join([*lines, f"\nMedian over tasks: {_shown(median(medians))}\n"])


def _shown(share: float | None) -> str:
    return "not reached" if share is None or math.isinf(share) else f"{share:.3f}"
