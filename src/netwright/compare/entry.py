"""One alternative of a comparison: its trainings, one a seed, and what their histories say."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from netwright.compare.rates import Search
from netwright.core.controls import Controls
from netwright.core.errors import DataError
from netwright.diagnose.interval import Interval, of_mean
from netwright.diagnose.paired import Change, change
from netwright.train.run import Run

COMPLEMENTS = {"accuracy": "error", "r2": "1 − R²"}
"""Metric of a history → what is compared: 1 minus it, the lower the better."""


@dataclass(frozen=True)
class Entry:
    """An alternative.

    Attributes:
      name: what tells it from the others.
      controls: what was trained; no "auto" is left.
      seeds: one a training.
      histories: each training's, as :attr:`netwright.Run.history` has it; empty where it never gave a number.
      ends: (seeds,) dev errors of the weights kept, infinite where a training diverged.
      rows: (seeds, m) the share of each dev row in them, or None when the rows are not at hand.
      search: how its learning rate was found, or None when it was given.
    """

    name: str
    controls: Controls
    seeds: tuple[int, ...]
    histories: tuple[pl.DataFrame, ...]
    ends: np.ndarray
    rows: np.ndarray | None = None
    search: Search | None = None

    @property
    def diverged(self) -> int:
        """How many trainings diverged."""
        return int((~np.isfinite(self.ends)).sum())

    @cached_property
    def interval(self) -> Interval:
        """The mean dev error over the seeds that did not diverge; it counts the noise of seeds and, known, of rows."""
        finite = np.isfinite(self.ends)
        if not finite.any():
            return Interval(None, None, None)
        found = of_mean(self.ends[finite]) if self.rows is None else change(self.rows[finite]).interval
        return found if found.low is None else found.at_least(0.0)

    def minus(self, other: "Entry") -> Change | None:
        """Return the difference of the mean errors, same seeds and rows; None where they cannot be paired."""
        if self.rows is None or other.rows is None or self.rows.shape != other.rows.shape:
            return None
        return None if self.diverged or other.diverged else change(self.rows - other.rows)

    @property
    def spread(self) -> float:
        """The standard deviation of the dev error over the seeds that did not diverge; NaN for fewer than two."""
        finite = self.ends[np.isfinite(self.ends)]
        return float(finite.std(ddof=1)) if len(finite) > 1 else float("nan")

    @property
    def relapse(self) -> float:
        """By how much the dev error rose above the lowest it had been, at the worst moment; the median over seeds."""
        finite = [errors[np.isfinite(errors)] for errors in self.errors]
        found = [float((one - np.minimum.accumulate(one)).max()) for one in finite if len(one)]
        return float(np.median(found)) if found else float("nan")

    @cached_property
    def errors(self) -> list[np.ndarray]:
        """The dev error after each epoch, (epochs,) a seed."""
        return [dev_errors(history) for history in self.histories]

    def steps_to(self, level: float) -> np.ndarray:
        """Return the steps (seeds,) to the end of the first epoch with at most this dev error; infinite if never."""
        found = np.full(len(self.seeds), np.inf)
        for place, (history, errors) in enumerate(zip(self.histories, self.errors, strict=True)):
            there = np.flatnonzero(errors <= level)
            if len(there):
                found[place] = history["step"][int(there[0])]
        return found


def dev_errors(history: pl.DataFrame) -> np.ndarray:
    """Return 1 − dev accuracy, or 1 − dev R², after each epoch; infinite where it is not finite.

    Raises:
      DataError: the training had no dev rows.
    """
    if len(history) == 0:
        return np.zeros(0)
    metric = metric_of(history)
    if metric is None:
        raise DataError("compare: a training had no dev rows to compare by; set data.dev_fraction above 0")
    errors = 1 - history[f"dev_{metric}"].cast(pl.Float64).to_numpy()
    # A network whose outputs are not numbers still counts as right or wrong; its loss tells.
    numbers = np.isfinite(errors) & np.isfinite(history["dev_loss"].cast(pl.Float64).to_numpy())
    return np.where(numbers, errors, np.inf)


def metric_of(history: pl.DataFrame) -> str | None:
    """Return the metric that a history carries for dev rows."""
    return next((metric for metric in COMPLEMENTS if f"dev_{metric}" in history.columns), None)


def end_of(run: Run) -> float:
    """Return the dev error of the weights that a run kept; infinite where it diverged."""
    errors, best = dev_errors(run.history), run.record.get("best_epoch")
    return float(errors[-1 if best is None else best]) if len(errors) else float("inf")


def shares(rows: np.ndarray, end: float) -> np.ndarray:
    """Return each dev row's share in the error: rows (m,) in any unit, scaled to the mean ``end``.

    Squared errors so become shares in 1 − R²: both have the same rows, so they differ by a factor.
    """
    mean = float(rows.mean())
    return rows * (end / mean) if mean > 0 and np.isfinite(end) else np.full(len(rows), end)
