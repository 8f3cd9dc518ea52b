"""`nw.improve` against Optuna's TPE and random search: training compute to reach the error of 100 TPE trials."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from math import isfinite
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np

import netwright as nw
from benchmarks._harness import RESULTS, machine_facts, record
from netwright.core.errors import DataError, TrainingError
from netwright.data.arrays import Arrays
from netwright.measure.trial import train_trials
from netwright.train.compute import counted
from netwright.train.predictor import Predictor

TRIALS = 100
SEEDS = range(5)
ROWS = 1500
PROCESSES, RACES = 2, 4
"""Races at a time, and races after which a process makes room for a fresh one with an empty memory."""
MANY = {"dev_fraction": 0.4, "test_fraction": 0.4}
FEW = {"dev_fraction": 0.25, "test_fraction": 0.25}
"""Few training rows make the trainings short, and many dev rows make the target more than luck, where there are any."""
ADULT = Path(nw.__file__).parent / "data" / "tables" / "adult.csv.gz"

SETTINGS = {
    "trials": TRIALS,
    "rows": f"{ROWS}, of which 300 train, 600 dev, 600 test; of smaller data all, half of them to train",
    "TPE and random": "AdamW, cosine over 25, 50, 100 or 150 epochs, weights of the least dev loss",
    "improve": "its defaults",
}

Trace = list[dict[str, float]]
"""A line whenever something was trained: compute so far, dev and test error of the best on dev so far."""


def main() -> None:
    """Fill in the table, two races at a time; what is in the results already is not run again."""
    path = RESULTS / "improve.json"
    found: dict[str, Any] = json.loads(path.read_text())["tasks"] if path.is_file() else {}
    # Seed by seed, so that all tasks have as many seeds when the time is up.
    wanted = [(task, seed) for seed in SEEDS for task in TASKS if str(seed) not in found.get(task, {})]
    # A pool of concurrent.futures hangs when it is to replace its processes (CPython's issue 115634).
    with get_context("spawn").Pool(PROCESSES, maxtasksperchild=RACES) as pool:
        for task, seed, result in pool.imap_unordered(_race, wanted):
            if isinstance(result, str):
                print(f"{task} {seed}: left out, {result}")
                continue
            found.setdefault(task, {})[str(seed)] = result
            print(f"{task} {seed}: {line(result)}", flush=True)
            record("improve", {"machine": machine_facts(), "settings": SETTINGS, "tasks": _in_order(found)})
    print(table(_in_order(found)))


def _in_order(found: dict[str, Any]) -> dict[str, Any]:
    return {task: dict(sorted(found[task].items())) for task in TASKS if task in found}


def _race(wanted: tuple[str, int]) -> tuple[str, int, dict[str, Any] | str]:
    task, seed = wanted
    try:
        return task, seed, race(TASKS[task](seed), seed)
    except DataError as error:
        return task, seed, str(error)


# ------------------------------------------------------------------------------------------------- the tasks


def _example(name: str) -> Callable[[int], nw.Dataset]:
    def load(seed: int) -> nw.Dataset:
        whole = nw.example(name)
        return _of(whole.features.content, whole.labels.labels(np.arange(len(whole))), whole.task, seed)

    return load


def _adult(target: str, task: str) -> Callable[[int], nw.Dataset]:
    def load(seed: int) -> nw.Dataset:
        whole = nw.read(ADULT, target, task=task)
        return _of(whole.features.content, whole.labels.labels(np.arange(len(whole))), task, seed)

    return load


def _parity(seed: int) -> nw.Dataset:
    whole = nw.example("digits")
    labels = whole.labels.labels(np.arange(len(whole))) % 2
    return _of(whole.features.content, labels, "binary", seed)


def _of(X: Any, y: np.ndarray, task: str, seed: int) -> nw.Dataset:
    """Return a random part of the rows, another for every seed; rare classes are left out."""
    order = np.random.default_rng(seed).permutation(len(y))
    if task != "regression":
        labels, counts = np.unique(y[order[:ROWS]], return_counts=True)
        order = order[np.isin(y[order], labels[counts >= 10])]
    chosen = np.sort(order[:ROWS])
    return nw.Dataset.from_arrays(X[chosen], y[chosen], task=task)


TASKS: dict[str, Callable[[int], nw.Dataset]] = {
    "digits": _example("digits"),
    "adult: income": _example("adult"),
    "diamonds: price": _example("diamonds"),
    "breast_cancer": _example("breast_cancer"),
    "adult: occupation": _adult("occupation", "multiclass"),
    "adult: hours": _adult("hours-per-week", "regression"),
    "digits: odd or even": _parity,
    "diabetes": _example("diabetes"),
}


# ------------------------------------------------------------------------------------------------ the sides


def race(dataset: nw.Dataset, seed: int) -> dict[str, Any]:
    """Return the traces of the three searches and what they show."""
    split = MANY if len(dataset) == ROWS else FEW
    controls = nw.Controls(data=nw.DataControls(split_seed=seed, **split))
    began = time.perf_counter()
    traces = {"tpe": _trace(_tpe(seed), dataset, controls, seed)}
    seconds = {"tpe": time.perf_counter() - began}
    began = time.perf_counter()
    traces["random"] = _trace(_random(seed), dataset, controls, seed)
    seconds["random"] = time.perf_counter() - began
    began = time.perf_counter()
    traces["improve"] = _improve(dataset, controls, seed, limit=traces["tpe"][-1]["compute"])
    seconds["improve"] = time.perf_counter() - began
    target = traces["tpe"][-1]["dev"]
    return {
        "target": target,
        "needed": {side: needed(trace, target) for side, trace in traces.items()},
        "spent": {side: trace[-1]["compute"] for side, trace in traces.items()},
        "test": {side: trace[-1]["test"] for side, trace in traces.items()},
        "seconds": seconds,
        "traces": {side: _shortened(trace) for side, trace in traces.items()},
    }


def needed(trace: Trace, target: float, rows: str = "dev") -> float | None:
    """Return the compute after which the best model so far had reached the target on these rows, or None."""
    return next((point["compute"] for point in trace if point[rows] <= target * (1 + 1e-9)), None)


Asked = Iterator[tuple[dict[str, Any], Callable[[float], None]]]


def _tpe(seed: int) -> Asked:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    for _ in range(TRIALS):
        trial = study.ask()
        yield (
            {
                "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True),
                "weight_decay": trial.suggest_float("weight_decay", 1e-4, 10, log=True),
                "dropout": trial.suggest_float("dropout", 0.01, 0.6),
                "width": trial.suggest_categorical("width", [32, 128]),
                "depth": trial.suggest_int("depth", 1, 2),
                "batch_size": trial.suggest_categorical("batch_size", [16, 64]),
                "epochs": trial.suggest_categorical("epochs", [25, 50, 100, 150]),
            },
            lambda value, trial=trial: study.tell(trial, value),
        )


def _random(seed: int) -> Asked:
    generator = np.random.default_rng(seed)
    for _ in range(TRIALS):
        yield (
            {
                "learning_rate": float(10 ** generator.uniform(-4, -1)),
                "weight_decay": float(10 ** generator.uniform(-4, 1)),
                "dropout": float(generator.uniform(0.01, 0.6)),
                "width": int(generator.choice([32, 128])),
                "depth": int(generator.integers(1, 3)),
                "batch_size": int(generator.choice([16, 64])),
                "epochs": int(generator.choice([25, 50, 100, 150])),
            },
            lambda value: None,
        )


def _trace(asked: Asked, dataset: nw.Dataset, controls: nw.Controls, seed: int) -> Trace:
    trace: Trace = []
    best = (np.inf, np.inf)
    with counted() as compute:
        for point, tell in asked:
            (trial,) = train_trials(dataset, [(_controls(controls, point), seed)])
            tell(min(float(trial.dev.mean()), 1e9))
            if trial.rank < best or not trace:
                best, test = trial.rank, _test_error(trial.run)
            trace.append({"compute": compute.examples, "dev": best[0], "test": test})
    return trace


def _controls(controls: nw.Controls, point: dict[str, Any]) -> nw.Controls:
    return controls.replace(
        architecture=nw.Architecture(hidden=(point["width"],) * point["depth"]),
        optimization=nw.Optimization(
            learning_rate=point["learning_rate"], batch_size=point["batch_size"], epochs=point["epochs"]
        ),
        regularization=nw.Regularization(weight_decay=point["weight_decay"], dropout=point["dropout"]),
    )


class _EnoughError(Exception):
    """The compute of the other side is spent."""


def _improve(dataset: nw.Dataset, controls: nw.Controls, seed: int, limit: float) -> Trace:
    trace: Trace = []

    def note(improvement: nw.Improvement) -> None:
        best = improvement.run
        dev, test = improvement.steps[-1].error, _test_error(lambda: best)
        trace.append({"compute": improvement.compute, "dev": dev, "test": test})
        if improvement.compute > limit:
            raise _EnoughError

    with suppress(_EnoughError):
        nw.improve(dataset, "1h", controls, seed=seed, progress=note)
    return trace


def _test_error(make: Callable[[], nw.Run]) -> float:
    try:
        run = make()
    except TrainingError:
        return float("inf")
    predictor: Predictor = run.predictor
    arrays: Arrays = run.prepared.test  # pyright: ignore[reportAssignmentType] - the split leaves test rows
    outputs = predictor.outputs_of(arrays.x)
    if predictor.task == "regression":
        decode = predictor.target.decode_values
        return float(np.mean((decode(outputs).astype(np.float64) - decode(arrays.y)) ** 2))
    return float(np.mean(predictor.codes(outputs) != arrays.y))


def _shortened(trace: Trace) -> Trace:
    """Leave out the lines in which nothing changed, but for the last."""
    kept = [
        now
        for before, now in zip([None, *trace[:-1]], trace, strict=True)
        if before is None or any(now[rows] != before[rows] for rows in ("dev", "test"))
    ]
    return kept if kept[-1] is trace[-1] else [*kept, trace[-1]]


# ---------------------------------------------------------------------------------------------- the table


def line(result: dict[str, Any]) -> str:
    shares = {side: _share(result, side, "dev") for side in ("improve", "random")}
    tests = ", ".join(f"{side} {value:.4g}" for side, value in result["test"].items())
    seconds = ", ".join(f"{side} {value:.0f}" for side, value in result["seconds"].items())
    return (
        f"target {result['target']:.4g}; share of TPE's compute: improve {_shown(shares['improve'])}, "
        f"random {_shown(shares['random'])}; test: {tests}; seconds: {seconds}"
    )


def table(found: dict[str, Any]) -> str:
    """Two targets: the dev error that TPE ends with, which it has chosen among 100, and that model's test error."""
    columns = ("data", "seeds", "dev target: improve, share", "≤ 1/5", "random, share")
    columns += (
        "test target: improve, share",
        "≤ 1/5",
        "random, share",
        "test error: improve",
        "TPE",
        "random",
    )
    lines = [
        "## Improve: compute to reach the error of 100 TPE trials, as a share of what TPE needed for it (median)\n",
        f"| {' | '.join(columns)} |",
        f"|{'---|' * len(columns)}",
    ]
    for task, seeds in found.items():
        results = list(seeds.values())
        cells = [task, str(len(results))]
        for rows in ("dev", "test"):
            ours, theirs = ([_share(r, side, rows) for r in results] for side in ("improve", "random"))
            within = f"{sum(share <= 0.2 for share in ours)}/{len(ours)}"
            cells += [_shown(median(ours)), within, _shown(median(theirs))]
        cells += [f"{mean(r['test'][side] for r in results):.4g}" for side in ("improve", "tpe", "random")]
        lines.append(f"| {' | '.join(cells)} |")
    races = [result for seeds in found.values() for result in seeds.values()]
    ours, theirs = ([_share(r, side, "dev") for r in races] for side in ("improve", "random"))
    tests = [(r["test"]["improve"], r["test"]["tpe"]) for r in races]
    reached, cheaply = sum(map(isfinite, ours)), sum(share <= 0.2 for share in ours)
    lines += [
        f"\nOf {len(races)} races improve reached the dev target in {reached}, at a fifth of TPE's compute or less in "
        f"{cheaply}; random search in {sum(map(isfinite, theirs))}. On test rows improve was "
        f"better than TPE in {sum(own < other for own, other in tests)}, worse in "
        f"{sum(own > other for own, other in tests)}. It spent "
        f"{median(r['spent']['improve'] / r['spent']['tpe'] for r in races):.2f} of TPE's compute in the median race.",
    ]
    return "\n".join(lines) + "\n"


def _share(result: dict[str, Any], side: str, rows: str) -> float:
    """Return the compute of a side over TPE's; never reaching the target counts as more than any share."""
    target = result["traces"]["tpe"][-1][rows]
    own, base = (needed(result["traces"][name], target, rows) for name in (side, "tpe"))
    return float("inf") if own is None or base is None else own / base


def _shown(share: float) -> str:
    return "never" if share == float("inf") else f"{share:.2f}"
