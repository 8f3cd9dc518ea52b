"""Bayesian search and TPE at n trials against random search at 2n: the dev error found, on eight real tasks."""

from statistics import mean, median
from typing import Any

import netwright as nw
from benchmarks._studies import SPACE, controls, dataset, fill, trying

TRIALS, EPOCHS = 64, 20
SIDES = {"bayes": 1, "tpe": 1, "random": 2}
"""Search → how many times n trials it gets."""
SETTINGS = {"n": TRIALS, "epochs": EPOCHS, "space": SPACE.to_json(), "trials": SIDES}


def main() -> None:
    """Every study searches the same space on the same rows; repeats differ in the study's seed."""
    fill("bayesian", SETTINGS, repeat, table)


def repeat(task: str, seed: int) -> dict[str, Any]:
    """Return the lowest dev error that each search finds."""
    ds, trials = dataset(task), 16 if trying() else TRIALS
    ends: dict[str, float] = {}
    seconds: dict[str, float] = {}
    for side, times in SIDES.items():
        study = nw.tune(ds, SPACE, side, trials=times * trials, controls=controls(EPOCHS), seed=seed)
        ends[side] = study.best_value
        seconds[side] = float(study.trials["seconds"].sum())
    told = ", ".join(f"{side} {end:.5g}" for side, end in ends.items())
    return {"told": told, "ends": ends, "seconds": seconds}


def table(tasks: dict[str, Any]) -> str:
    """By task: how often a search at n trials is below, equal to and above random at 2n, and how much on average."""
    lines = [
        f"## Search at n = {TRIALS} trials against random at 2n: lower / equal / higher dev error\n",
        "| data | repeats | bayes | bayes, error over random's | tpe | tpe, error over random's |",
        "|---|---|---|---|---|---|",
    ]
    sums: dict[str, list[float]] = {side: [] for side in ("bayes", "tpe")}
    for task, repeats in tasks.items():
        cells = [task, str(len(repeats))]
        for side, all_ratios in sums.items():
            pairs = [(one["ends"][side], one["ends"]["random"]) for one in repeats.values()]
            lower, equal = sum(a < b for a, b in pairs), sum(a == b for a, b in pairs)
            found = [a / b for a, b in pairs if b > 0]
            all_ratios.append(mean(found) if found else 1.0)
            cells += [f"{lower} / {equal} / {len(pairs) - lower - equal}", f"{all_ratios[-1]:.3f}"]
        lines.append(f"| {' | '.join(cells)} |")
    over = ", ".join(f"{side} {median(ratios):.3f}" for side, ratios in sums.items())
    return "\n".join([*lines, f"\nMedian over tasks of the mean ratio to random at 2n: {over}\n"])
