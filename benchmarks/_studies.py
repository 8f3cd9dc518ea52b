"""Studies on eight real tasks: what is searched, and a table of results that goes on where it stopped."""

import json
import os
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing import get_context
from typing import Any

import netwright as nw
from benchmarks._harness import RESULTS, machine_facts, record
from benchmarks.improve import TASKS

REPEATS = 10
PROCESSES, STUDIES = 2, 6
"""Repeats at a time, and repeats after which a process makes room for a fresh one with an empty memory."""
SPLIT_SEED = 0
SPACE = nw.Space(
    {
        "optimization.learning_rate": nw.Float(1e-5, 1.0, log=True),
        "optimization.options.beta1": nw.Float(0.5, 0.99),
        "optimization.clip_norm": nw.Float(0.01, 10.0, log=True),
        "regularization.weight_decay": nw.Float(1e-4, 10.0, log=True),
        "regularization.dropout": nw.Float(0.0, 0.7),
    }
)
"""Numbers only and ranges as wide as one who knows nothing would have them."""


def trying() -> bool:
    """Whether to run a small part only, to see that it works: ``TRY=1 python -m benchmarks NAME``."""
    return bool(os.environ.get("TRY"))


def dataset(task: str) -> nw.Dataset:
    """Return a task's rows, the same in all repeats."""
    return TASKS[task](SPLIT_SEED)


def controls(epochs: int) -> nw.Controls:
    """Return what all trials have in common: a small network, trained to the end of its epochs."""
    return nw.Controls(
        architecture=nw.Architecture(hidden=(32,)),
        optimization=nw.Optimization(rule="adamw", batch_size=32, epochs=epochs, schedule="cosine"),
        regularization=nw.Regularization(early_stopping=None),
        data=nw.DataControls(dev_fraction=0.5, test_fraction=0.1, split_seed=SPLIT_SEED),
    )


def fill(
    name: str,
    settings: dict[str, Any],
    repeat: Callable[[str, int], dict[str, Any]],
    table: Callable[[dict[str, Any]], str],
) -> None:
    """Run ``repeat(task, seed)`` for all tasks and seeds that are not in ``results/<name>.json`` yet.

    Seed by seed, so that all tasks have as many when the time is up.
    """
    tasks: Sequence[str] = list(TASKS)[:2] if trying() else list(TASKS)
    name = f"{name}_try" if trying() else name
    path = RESULTS / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text())["tasks"] if path.is_file() else {}
    wanted = [
        (task, seed)
        for seed in range(1 if trying() else REPEATS)
        for task in tasks
        if str(seed) not in found.get(task, {})
    ]
    # A pool of concurrent.futures hangs when it is to replace its processes (CPython's issue 115634).
    with get_context("spawn").Pool(PROCESSES, maxtasksperchild=STUDIES) as pool:
        for task, seed, result in pool.imap_unordered(partial(_repeated, repeat), wanted):
            found.setdefault(task, {})[str(seed)] = result
            print(f"{task} {seed}: {result['told']}", flush=True)
            ordered = {one: dict(sorted(found[one].items())) for one in tasks if one in found}
            record(name, {"machine": machine_facts(), "settings": settings, "tasks": ordered})
    print(table({task: found[task] for task in tasks if task in found}))


def _repeated(
    repeat: Callable[[str, int], dict[str, Any]], wanted: tuple[str, int]
) -> tuple[str, int, dict[str, Any]]:
    return *wanted, repeat(*wanted)
