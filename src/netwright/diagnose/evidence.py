"""Evidence: everything that the checks read, measured once. A field that was not measured is None."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from netwright.core.controls import Controls
from netwright.diagnose.budget import Budget
from netwright.diagnose.interval import Interval


@dataclass(frozen=True)
class Start:
    """The network at its initial weights, or at its last, on training rows.

    Attributes:
      loss: mean loss, with its interval over rows.
      prior_loss: the loss of the best constant prediction: the entropy of the label prior, or the target's variance.
      activation_std, gradient_norm: layer → standard deviation of its pre-activations, norm of its gradient; in order.
      twin_units: layer → share of its units that equal another unit of the layer exactly (0 but for 1-unit layers).
      dead: layer → share of its units that no row makes active; for activations that are 0 below 0.
      saturated: layer → share of (row, unit) where the slope is below a tenth of its largest; for bounded activations.
    """

    loss: Interval
    prior_loss: float
    activation_std: dict[str, float]
    gradient_norm: dict[str, float]
    twin_units: dict[str, float]
    dead: dict[str, float] = field(default_factory=dict)
    saturated: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class RangeTest:
    """A learning-rate range test (Smith, 2017), repeated over seeds.

    Attributes:
      rates: (r,) rates tried, ascending.
      losses: (seeds, r) the mean training loss at the end of a short training; inf: diverged.
      low, high: the ends of the workable rates: those whose loss is within noise of the best, over all seeds.
      best: the rate of the lowest median loss.
    """

    rates: np.ndarray
    losses: np.ndarray
    low: float
    high: float
    best: float


@dataclass(frozen=True)
class Trial:
    """What one control does, measured: paired trainings with and without the change, same seeds.

    Attributes:
      control, settings: as in a prescription.
      train: fall of the mean training loss (evaluation mode), with its interval over seeds.
      dev: fall of the error on dev rows: share wrong, or squared error.
      dev_loss: fall of the mean loss on dev rows, each row's loss a mean over the seeds, with its interval over rows.
      dev_before: that error without the change, mean over seeds.
      train_before: the training loss without the change.
    """

    control: str
    settings: dict[str, Any]
    train: Interval
    dev: Interval
    dev_loss: Interval
    train_before: float
    dev_before: float


@dataclass(frozen=True)
class Predictions:
    """A split as the trained network sees it, frozen, in evaluation mode.

    Attributes:
      truth: (m,) class codes, or values in the target's units.
      outputs: (m, K) class probabilities, or (m,) predicted values in the target's units.
      losses: (m,) the training loss of each row, without penalties.
    """

    truth: np.ndarray
    outputs: np.ndarray
    losses: np.ndarray


@dataclass(frozen=True)
class Evidence:
    """What is known about a run.

    Attributes:
      task: "binary", "multiclass" or "regression"; classes: the labels in code order, or None.
      controls: the resolved controls of the run; record: its run.json.
      history, trace: its records (see :class:`netwright.Run`).
      activations: layer → name of the activation behind it, for layers that have one.
      label_counts: (K,) training rows of each class.
      start: the network before training; finish: the same at the trained weights.
      overfit_loss: (seeds,) loss on 20 rows after training on them alone without regularizer, at the best of three
        rates around the run's.
      zeroed_gap: mean over dev rows of loss with inputs zeroed minus loss with real inputs.
      mixing: the largest |∂ output of one row / ∂ input of another| in evaluation mode; 0 unless rows mix.
      mode_gap: mean over batches of training-mode loss minus evaluation-mode loss, dropout off, same weights.
      sharpness: (k, 2) columns step, rate × top Hessian eigenvalue, at the end of training.
      seed_history: the histories of the same training under other seeds, with a column ``member``.
      range_test: the learning-rate range test.
      train, dev: predictions.
      budget: the error budget.
      shift: what :func:`netwright.shift.detect` says of train against dev.
      feature_scores: column → predictive power alone, 0 (none) to 1 (perfect), cross-validated (PPS).
      duplicates: "dev" and "test" → rows that also stand in the training rows (features alike).
      rows: "train", "dev", "test" → number of rows.
      input_rms: (n,) root mean square of each encoded column over training rows; columns of zeros left out.
      order: correlation of the targets of rows that follow one another in the training rows' order.
      crossfit: training rows as models that never saw them predict (cross-fitting, five folds); classes only.
      trials: changes of one control, each tried.
    """

    task: str
    classes: list[Any] | None
    controls: Controls
    record: dict[str, Any]
    history: pl.DataFrame
    trace: pl.DataFrame
    activations: dict[str, str] = field(default_factory=dict)
    label_counts: np.ndarray | None = None
    start: Start | None = None
    overfit_loss: np.ndarray | None = None
    zeroed_gap: Interval | None = None
    mixing: float | None = None
    mode_gap: Interval | None = None
    sharpness: np.ndarray | None = None
    seed_history: pl.DataFrame | None = None
    range_test: RangeTest | None = None
    train: Predictions | None = None
    dev: Predictions | None = None
    budget: Budget | None = None
    shift: Any = None
    feature_scores: dict[str, float] | None = None
    duplicates: dict[str, int] | None = None
    rows: dict[str, int] = field(default_factory=dict)
    finish: Start | None = None
    input_rms: np.ndarray | None = None
    order: Interval | None = None
    crossfit: Predictions | None = None
    trials: tuple[Trial, ...] | None = None
