"""``gather``: everything that the checks read, the cheapest first, within the time given."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from netwright.data.prepared import Prepared
from netwright.diagnose.budget import Budget
from netwright.diagnose.evidence import Evidence
from netwright.measure.clock import Clock
from netwright.measure.evidence import layers, probes, tables
from netwright.measure.evidence.network import Network, trained, untrained
from netwright.measure.evidence.predictions import predictions
from netwright.measure.evidence.sweep import Sweep, members_of, sweep
from netwright.measure.subsets import random_subset
from netwright.train.run import Run

MOST_ROWS = 4000
"""Rows that the trainings of range test and trials learn from."""
LEAST_SHARE = 0.25
PLAIN_RULES = ("sgd", "momentum", "nesterov")


def gather(
    run: Run,
    *,
    seconds: float | None = None,
    seed_history: pl.DataFrame | None = None,
    budget: Budget | None = None,
    shift: Any = None,
) -> Evidence:
    """Measure what the checks read.

    Args:
      run: a run, finished or failed.
      seconds: time to spend; measurements that no time is left for stay None, and their checks say so. None: no limit.
      seed_history: histories of the same training under other seeds, with a column ``member``, when known already.
      budget: the error budget; shift: the answer of :func:`netwright.shift.detect` on train and dev rows.
    """
    started = time.monotonic()

    def left() -> float:
        return np.inf if seconds is None else seconds - (time.monotonic() - started)

    prepared = run.prepared
    found: dict[str, Any] = _known(run, prepared)
    found |= {"seed_history": seed_history, "budget": budget, "shift": shift}
    network = trained(run)
    found |= _while(left, _free(run, prepared, network))
    # A user's own module cannot be drawn again, so it is not trained again either; an average was not trained as one.
    alone = run.record["model"] is not None and "average" not in run.record
    if alone and prepared.dev is not None:
        swept = _sweep(run, left())
        if swept is not None:
            found |= {
                "range_test": swept.range_test,
                "overfit_loss": swept.overfit_loss,
                "trials": swept.trials,
            }
            if seed_history is None:
                found["seed_history"] = swept.seed_history
    return Evidence(**found)


def _while(left: Callable[[], float], steps: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """Return what the steps measure, in their order, until the time is used."""
    return {name: step() for name, step in steps.items() if left() > 0}


def _known(run: Run, prepared: Prepared) -> dict[str, Any]:
    """Return what needs no measuring."""
    named = run.record["model"] is not None and run.controls.architecture.kind != "logistic"
    hidden = range(len(run.controls.architecture.hidden)) if named else ()
    counts = None
    if prepared.task != "regression":
        counts = np.bincount(prepared.train.y, minlength=len(run.classes or ()))
    return {
        "task": prepared.task,
        "classes": run.classes,
        "controls": run.controls,
        "record": run.record,
        "history": run.history,
        "trace": run.trace,
        "activations": {f"hidden.{i}.linear": run.controls.architecture.activation for i in hidden},
        "label_counts": counts,
        "rows": dict(run.record["rows"]),
    }


def _free(run: Run, prepared: Prepared, network: Network) -> dict[str, Callable[[], Any]]:
    """Return the measurements that train nothing, the cheapest first."""
    steps: dict[str, Callable[[], Any]] = {
        "input_rms": lambda: tables.input_rms(prepared),
        "order": lambda: tables.order(prepared),
        "duplicates": lambda: tables.duplicates(prepared),
        "train": lambda: predictions(run, network, prepared.train),
        "dev": lambda: predictions(run, network, prepared.dev),
    }
    first = untrained(run)
    if first is not None:
        steps["start"] = lambda: layers.look(first, prepared, training=True)
    steps |= {
        "finish": lambda: layers.look(network, prepared, training=False),
        "zeroed_gap": lambda: probes.zeroed_gap(network, prepared),
        "mixing": lambda: probes.mixing(network, prepared),
        "mode_gap": lambda: probes.mode_gap(network, prepared),
        "feature_scores": lambda: tables.feature_scores(prepared),
        "crossfit": lambda: tables.crossfit(prepared),
    }
    if run.controls.optimization.rule in PLAIN_RULES and len(run.history):
        rates = run.history["learning_rate"].to_numpy()
        rate, step = float(np.median(rates[len(rates) // 2 :])), int(run.history["step"][-1])
        steps["sharpness"] = lambda: probes.sharpness(network, prepared, rate, step)
    return steps


def _sweep(run: Run, left: float) -> Sweep | None:
    """Return the sweep over as many rows and epochs as there is time for."""
    prepared, rows = run.prepared, min(MOST_ROWS, len(run.prepared.train))
    epochs = _affordable(run, left, members_of(run.controls), rows)
    if epochs is None:
        return None
    places = np.arange(rows)
    if rows < len(prepared.train):
        places = random_subset(prepared, rows, np.random.default_rng(0))
    return sweep(prepared, run.controls, epochs=epochs, rows=places)


def _affordable(run: Run, seconds: float, members: int, rows: int) -> int | None:
    """Return how many epochs so many members can train on so many rows; None when that is too few to tell.

    A quarter of the run's own epochs is the least: in shorter trainings other rates are best.
    """
    epochs = int(run.controls.optimization.epochs)
    if not np.isfinite(seconds) or len(run.history) == 0:
        return epochs
    possible = Clock.of(run, seconds).epochs_within(seconds, members, rows)
    return min(epochs, possible) if possible >= LEAST_SHARE * epochs else None
