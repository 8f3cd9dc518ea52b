"""Hyperband against random search: epochs until it is as good, on eight real tasks."""

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
TARGETS = ("end", "any epoch")
"""The error to reach: of the best trial at its end, or of the best network after any epoch of any trial."""
SETTINGS = {"epochs": EPOCHS, "random trials": TRIALS, "trials a round": ROUND, "space": SPACE.to_json()}


def main() -> None:
    """Random search trains all its trials to the end; Hyperband makes round after round until it is as good."""
    fill("hyperband", SETTINGS, repeat, table)


def repeat(task: str, seed: int) -> dict[str, Any]:
    """Return the epochs of random search, and those of Hyperband until one of its networks is as good.

    As good as the best trial of random search at its end; and, which is harder, as the best of all its networks after
    any epoch, as Hyperband's are judged after each of their levels, too.
    """
    ds, base = dataset(task), controls(EPOCHS)
    random = nw.tune(ds, SPACE, "random", trials=TRIALS, controls=base, seed=seed)
    curves = [
        [error for error in curve if error is not None] for curve in random.trials["curve"].to_list() if curve
    ]
    targets = {
        "end": min(curve[-1] for curve in curves if curve),
        "any epoch": min(error for curve in curves for error in curve),
    }
    budget = int(random.trials["epochs"].sum())
    found: list[tuple[int, float]] = []
    spent = 0
    while spent < budget and not (found and found[-1][1] <= targets["any epoch"]):
        number = len(found)
        study = nw.tune(ds, SPACE, "hyperband", trials=ROUND, controls=base, seed=seed + NEXT * (1 + number))
        lowest = found[-1][1] if found else math.inf
        found += [(spent + epochs, min(lowest, error)) for epochs, error in levels(study)]
        spent = found[-1][0]
    shares = {
        name: next((epochs / budget for epochs, error in found if error <= target), None)
        for name, target in targets.items()
    }
    told = ", ".join(f"{name} {_shown(share)}" for name, share in shares.items())
    return {
        "told": f"share of random's {budget:,} epochs: {told}",
        "targets": targets,
        "budget": budget,
        "shares": shares,
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
    """By task and target: the median share of random search's epochs, and how many repeats needed a fifth or less."""
    heads = [f"{name}: {what}" for name in TARGETS for what in ("median share", "≤ 1/5")]
    lines = [
        f"## Hyperband: epochs until it is as good as {TRIALS} random trials of {EPOCHS} epochs, a share of theirs\n",
        f"| data | repeats | {' | '.join(heads)} |",
        f"|---|---|{'---|' * len(heads)}",
    ]
    medians: dict[str, list[float]] = {name: [] for name in TARGETS}
    for task, repeats in tasks.items():
        cells: list[str] = []
        for name in TARGETS:
            shares = [
                math.inf if one is None else one
                for one in (each["shares"][name] for each in repeats.values())
            ]
            medians[name].append(median(shares))
            cells += [_shown(medians[name][-1]), str(sum(share <= 0.2 for share in shares))]
        lines.append(f"| {task} | {len(repeats)} | {' | '.join(cells)} |")
    told = ", ".join(f"{name} {_shown(median(values))}" for name, values in medians.items())
    return "\n".join([*lines, f"\nMedian over tasks: {told}\n"])


def _shown(share: float | None) -> str:
    return "not reached" if share is None or math.isinf(share) else f"{share:.3f}"
