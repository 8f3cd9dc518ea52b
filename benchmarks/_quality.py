"""How good defaults are on held-out rows: accuracy by seed, its mean and a 95 % interval."""

import time
from collections.abc import Callable, Mapping
from importlib import import_module
from math import sqrt
from statistics import mean, median, stdev
from typing import Any

from benchmarks._harness import Worker, machine_facts, record

SEEDS = 5
T_95 = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}
"""Student's t at 97.5 %, by the number of seeds."""


def compare(
    workload: str, title: str, sides: Mapping[str, str], datasets: Mapping[str, float], seeds: int
) -> None:
    """Let every side answer every data set and seed; print the table and write the record.

    Args:
      workload: the module whose ``open_side`` makes a side; sides: its names; datasets: the accuracy aimed at.
    """
    machine = machine_facts()
    workers = {side: Worker(workload, side) for side in sides}
    results: dict[str, Any] = {}
    print(
        f"## {title}: test accuracy, mean of {seeds} seeds with its 95 % interval (median seconds of a fit)\n"
    )
    print(f"| data | aim | {' | '.join(sides)} |\n|---|---|{'---|' * len(sides)}")
    for dataset, aim in datasets.items():
        told = {side: [] for side in sides}
        for seed in range(seeds):
            for side, worker in workers.items():
                told[side].append(worker.request(dataset=dataset, seed=seed))
        results[dataset] = {side: summary(answers) for side, answers in told.items()}
        cells = " | ".join(shown(one) for one in results[dataset].values())
        print(f"| {dataset} | {aim:.1%} | {cells} |", flush=True)
        record(workload, {"title": title, "machine": machine, "seeds": seeds, "datasets": results})
    for worker in workers.values():
        worker.close()


def summary(answers: list[dict[str, float]]) -> dict[str, Any]:
    accuracies = [answer["accuracy"] for answer in answers]
    n = len(accuracies)
    half = T_95[n] * stdev(accuracies) / sqrt(n) if n > 1 else float("nan")
    seconds = median(answer["seconds"] for answer in answers)
    return {"accuracy": mean(accuracies), "half_width_95": half, "accuracies": accuracies, "seconds": seconds}


def shown(one: dict[str, Any]) -> str:
    return f"{one['accuracy']:.2%} ± {100 * one['half_width_95']:.2f} ({one['seconds']:.1f} s)"


def opened(
    module: str, parts: Callable[[str, int], tuple[Any, Any, Any, Any]]
) -> Callable[..., dict[str, float]]:
    """Return a side that answers a data set and a seed by the accuracy of ``benchmarks.sides.<module>.fit``."""
    import numpy as np  # the parent process needs neither

    fit = import_module(f"benchmarks.sides.{module}").fit

    def answer(dataset: str, seed: int) -> dict[str, float]:
        x, y, x_test, y_test = parts(dataset, seed)
        start = time.perf_counter()
        predicted = fit(x, y, seed)(x_test)
        return {
            "accuracy": float(np.mean(np.asarray(predicted) == y_test)),
            "seconds": time.perf_counter() - start,
        }

    return answer
