"""How good the defaults are: `nw.fit(ds)` against recipes of other libraries' guides, on held-out rows."""

import time
from collections.abc import Callable
from importlib import import_module
from math import sqrt
from statistics import mean, median, stdev
from typing import Any

from benchmarks._harness import Worker, machine_facts, record

SIDES = {
    "netwright": "defaults_netwright",
    "scikit-learn": "defaults_sklearn",
    "Keras": "defaults_keras",
    "PyTorch": "defaults_pytorch",
}
DATASETS = ("digits", "breast_cancer", "wine", "diabetes", "adult", "diamonds")
SEEDS = range(5)
TEST_FRACTION = 0.2


def main() -> None:
    """Every side gets the same training rows of five splits, and carves its validation rows from these."""
    machine = machine_facts()
    workers = {side: Worker("defaults", side) for side in SIDES}
    results = {}
    print("## Defaults: test error (classes) or 1 - R² (numbers), mean ± standard error of five splits\n")
    print(f"| data | {' | '.join(SIDES)} | best | netwright within 1 SE of it |")
    print(f"|---|{'---|' * len(SIDES)}---|---|")
    for dataset in DATASETS:
        answers: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
        for seed in SEEDS:
            for side, worker in workers.items():
                answers[side].append(worker.request(dataset=dataset, seed=seed))
        results[dataset] = {side: summary(told) for side, told in answers.items()}
        print(line(dataset, results[dataset]), flush=True)
        # After each data set: the large ones take minutes, and what is measured stays measured.
        record("defaults", {"machine": machine, "test_fraction": TEST_FRACTION, "datasets": results})
    for worker in workers.values():
        worker.close()
    print(
        "\nSeconds a fit, median: "
        + "; ".join(times(dataset, sides) for dataset, sides in results.items())
        + "\n"
    )


def summary(answers: list[dict[str, float]]) -> dict[str, Any]:
    """Mean and standard error of the error, and of the RMSE where there is one."""
    errors = [answer["error"] for answer in answers]
    told = {"error": mean(errors), "standard_error": stdev(errors) / sqrt(len(errors)), "errors": errors}
    if "rmse" in answers[0]:
        told["rmse"] = mean(answer["rmse"] for answer in answers)
    return told | {"seconds": median(answer["seconds"] for answer in answers)}


def line(dataset: str, sides: dict[str, dict[str, Any]]) -> str:
    best = min(sides, key=lambda side: sides[side]["error"])
    limit = sides[best]["error"] + sides[best]["standard_error"]
    cells = [
        f"{100 * told['error']:.2f} ± {100 * told['standard_error']:.2f} %"
        + (f" (RMSE {told['rmse']:.4g})" if "rmse" in told else "")
        for told in sides.values()
    ]
    within = "yes" if sides["netwright"]["error"] <= limit else "no"
    return f"| {dataset} | {' | '.join(cells)} | {best} | {within} |"


def times(dataset: str, sides: dict[str, dict[str, Any]]) -> str:
    return f"{dataset} " + ", ".join(f"{side} {told['seconds']:.1f}" for side, told in sides.items())


def open_side(side: str) -> Callable[..., dict[str, float]]:
    """Answer a data set and a seed with the error on the rows of that seed's split."""
    import numpy as np  # the parent process needs none of these
    import pandas as pd
    from sklearn.metrics import r2_score, root_mean_squared_error
    from sklearn.model_selection import train_test_split

    import netwright as nw

    fit = import_module(f"benchmarks.sides.{SIDES[side]}").fit

    def answer(dataset: str, seed: int) -> dict[str, float]:
        whole = nw.example(dataset)
        rows = np.arange(len(whole))
        frame, target = whole.features.take(rows), whole.labels.labels(rows)
        frame = pd.DataFrame(frame) if isinstance(frame, np.ndarray) else frame.to_pandas()
        frame.columns = frame.columns.astype(str)
        numbers_of_rows = [column.name for column in whole.schema.columns if column.kind == "identifier"]
        frame = frame.drop(columns=numbers_of_rows)  # diamonds are sorted by price: it would give them away
        classes = None if whole.task == "regression" else target
        x, x_test, y, y_test = train_test_split(
            frame, target, test_size=TEST_FRACTION, stratify=classes, random_state=seed
        )
        start = time.perf_counter()
        predicted = fit(x, y, whole.task, seed)(x_test)
        seconds = time.perf_counter() - start
        if whole.task == "regression":
            rmse = float(root_mean_squared_error(y_test, predicted))
            return {"error": 1 - float(r2_score(y_test, predicted)), "rmse": rmse, "seconds": seconds}
        return {"error": float(np.mean(predicted != y_test)), "seconds": seconds}

    return answer
