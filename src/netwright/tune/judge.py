"""What the networks of a population are worth, by the rows that decide."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from netwright.data.arrays import Arrays
from netwright.data.prepared import Prepared
from netwright.measure.rows import dev_of, errors_of, truth_of
from netwright.train.population import Population
from netwright.tune.folds import Folds

TRAIN_ROWS = 20_000
"""Training rows, evenly spaced, that the training error is measured on."""


@dataclass(frozen=True)
class Score:
    """One network: the weights kept, in evaluation mode.

    Attributes:
      dev: error of the rows that decide: dev rows, or those that its fold left out; train: of its training rows.
      dev_loss: on the dev rows at the epoch kept, None where there are none.
      curve: error of the dev rows after each epoch, as long as it trained.
      epochs: trained; stopped: whether early stopping ended it; diverged: the epoch in which it did, or None.
    """

    dev: float
    train: float
    dev_loss: float | None
    curve: list[float]
    epochs: int
    stopped: bool
    diverged: int | None


def scores_of(population: Population, folds: Folds | None) -> list[Score]:
    """Return the score of each member of a population, which has all folds of a trial side by side."""
    dev, train = _by_dev(population) if folds is None else _by_fold(population, folds)
    stopping, history = population.training.now.stopping, population.training.now.records.history
    epochs, stopped = np.asarray(stopping.epochs), np.asarray(stopping.stopped) > 0
    best = np.asarray(stopping.best_epoch)
    kept = np.where((best >= 0) & (population.plan.keep == "best"), best, epochs - 1)
    losses = np.array([row["train_loss"] for row in history])
    judged = "dev_loss" in history[0]
    dev_losses = np.array([row["dev_loss"] for row in history]) if judged else None
    curves = _curves(population, history) if judged else None
    return [
        Score(
            dev=float(dev[one]),
            train=float(train[one]),
            dev_loss=None if dev_losses is None else float(dev_losses[kept[one], one]),
            curve=[] if curves is None else curves[: epochs[one], one].tolist(),
            epochs=int(epochs[one]),
            stopped=bool(stopped[one]),
            diverged=None if np.isfinite(dev[one]) else int(np.argmin(np.isfinite(losses[:, one]))),
        )
        for one in range(len(population))
    ]


def _by_dev(population: Population) -> tuple[np.ndarray, np.ndarray]:
    prepared = population.prepared
    found = [
        errors_of(prepared, outputs, arrays).mean(axis=1) + _nothing_or_nan(outputs)
        for arrays in (dev_of(prepared), _thinned(prepared))
        for outputs in [population.outputs_of(arrays.x)]
    ]
    return found[0], found[1]


def _by_fold(population: Population, folds: Folds) -> tuple[np.ndarray, np.ndarray]:
    outputs = population.outputs("train")
    errors = errors_of(population.prepared, outputs, population.prepared.train)
    errors += _nothing_or_nan(outputs)[:, None]
    fold = np.arange(len(errors)) % len(folds)
    dev = [errors[one, folds.judge[k]].mean() for one, k in enumerate(fold)]
    train = [errors[one, folds.learn[k]].mean() for one, k in enumerate(fold)]
    return np.array(dev), np.array(train)


def _nothing_or_nan(outputs: np.ndarray) -> np.ndarray:
    """Return 0 for each member, NaN for one that diverged: a class is told of any outputs, NaN too."""
    finite = np.isfinite(outputs.reshape(len(outputs), -1)).all(axis=1)
    return np.where(finite, 0.0, np.nan)


def _thinned(prepared: Prepared) -> Arrays:
    train, every = prepared.train, max(1, len(prepared.train) // TRAIN_ROWS)
    if every == 1:
        return train
    weight = (
        np.ones(len(train)) if prepared.sample_weight is None else prepared.sample_weight[prepared.train_rows]
    )
    return Arrays(train.x[::every], train.y[::every], weight[::every].astype(np.float32))


def _curves(population: Population, history: list[dict[str, Any]]) -> np.ndarray:
    """Return the errors of the dev rows (epochs, members), in the unit of the budget."""
    metric, prepared = population.plan.metric, population.prepared
    values = np.array([row[f"dev_{metric}"] for row in history])
    if prepared.task != "regression":
        return 1 - values
    dev = dev_of(prepared)
    return (1 - values) * np.cov(truth_of(prepared, dev), aweights=dev.weight, ddof=0)
