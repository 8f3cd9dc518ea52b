"""Time per trial as the trials of a study grow to 1,000: random, TPE and Bayesian search on SQLite."""

import json
import os
import resource
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import optuna

import netwright as nw
from benchmarks._harness import RESULTS, machine_facts, record
from benchmarks._studies import SPACE, trying

TRIALS, WINDOW = 1000, 100
SEARCHES = ("random", "tpe", "bayes")
TITLE = "Time per trial of a study (iris, 3 epochs), by hundreds of trials"


def main() -> None:
    """A training so short that the study's own work shows; one search after another, what is there stays."""
    name = "trials_try" if trying() else "trials"
    path = RESULTS / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text())["searches"] if path.is_file() else {}
    for search in SEARCHES:
        if search not in found:
            found[search] = measured(search, 2 * WINDOW if trying() else TRIALS)
            record(name, {"title": TITLE, "machine": machine_facts(), "searches": found})
        print(f"{search}: {found[search]}", flush=True)
    print(table(found))


def measured(search: str, trials: int) -> dict[str, Any]:
    """Return seconds a trial in each hundred, by the times at which the storage says that trials ended."""
    controls = nw.Controls(
        architecture=nw.Architecture(hidden=(8,)),
        optimization=nw.Optimization(rule="adamw", batch_size=32, epochs=3),
        regularization=nw.Regularization(early_stopping=None),
    )
    ds = nw.example("iris")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'trials.db'}"
        nw.tune(
            ds, SPACE, search, trials=WINDOW, controls=controls, seed=1, storage=f"{url}-warm"
        )  # compiles
        memory, start = _resident(), time.time()
        nw.tune(ds, SPACE, search, trials=trials, controls=controls, storage=url)
        seconds, grown = time.time() - start, _resident() - memory
        (name,) = optuna.get_all_study_names(url)
        ended = [trial.datetime_complete for trial in optuna.load_study(study_name=name, storage=url).trials]
    times = sorted(one.timestamp() for one in ended if one is not None)
    edges = [start, *(times[place - 1] for place in range(WINDOW, len(times) + 1, WINDOW))]
    windows = [(after - before) / WINDOW for before, after in pairwise(edges)]
    return {
        "trials": len(times),
        "seconds": seconds,
        "seconds_per_trial": windows,
        "last_over_first": windows[-1] / windows[0],
        "grown_mib": grown,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def table(found: dict[str, Any]) -> str:
    """Milliseconds a trial in the first and the last hundred."""
    lines = [
        f"## {TITLE}\n",
        "| search | trials | s in all | ms a trial, first 100 | last 100 | ratio | memory grown, MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for search, one in found.items():
        first, last = (1000 * one["seconds_per_trial"][end] for end in (0, -1))
        lines.append(
            f"| {search} | {one['trials']} | {one['seconds']:.1f} | {first:.1f} | {last:.1f} "
            f"| {one['last_over_first']:.2f} | {one['grown_mib']:.0f} |"
        )
    return "\n".join(lines) + "\n"
