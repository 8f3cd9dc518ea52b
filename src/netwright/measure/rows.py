"""Errors row by row, in the unit of the budget: 0 or 1 for classes, squared error in the target's units.

A row's error is its share in the mean: the sample weights that the user gave, scaled to the mean 1, count; weights of
classes, which are a means of training, do not.
"""

from typing import Literal

import numpy as np

from netwright.core.errors import DataError, TrainingError
from netwright.data.arrays import Arrays
from netwright.data.prepared import Prepared
from netwright.train.run import Run

Metric = Literal["error", "mse"]


def metric_of(task: str) -> Metric:
    """Return the metric of a task's budget."""
    return "mse" if task == "regression" else "error"


def values_of(prepared: Prepared, outputs: np.ndarray) -> np.ndarray:
    """Return predicted class codes, or values in the target's units, of raw outputs (…, m) or (…, m, K)."""
    if prepared.task == "regression":
        return prepared.target.decode_values(outputs)
    return outputs.argmax(axis=-1) if prepared.task == "multiclass" else (outputs > 0).astype(np.int64)


def truth_of(prepared: Prepared, arrays: Arrays) -> np.ndarray:
    """Return class codes, or values in the target's units, of encoded rows."""
    if prepared.task == "regression":
        return prepared.target.decode_values(arrays.y)
    return arrays.y.astype(np.int64)


def errors_of(prepared: Prepared, outputs: np.ndarray, arrays: Arrays) -> np.ndarray:
    """Return the error of each row (…, m), times its sample weight where the user gave weights."""
    found, truth = values_of(prepared, outputs), truth_of(prepared, arrays)
    errors = (found - truth) ** 2 if prepared.task == "regression" else (found != truth).astype(np.float64)
    weight = sample_weight_of(prepared, arrays)
    return errors if weight is None else errors * weight


def sample_weight_of(prepared: Prepared, arrays: Arrays) -> np.ndarray | None:
    """Return the user's weights of rows (m,) with the mean 1, or None where all rows count the same."""
    if prepared.sample_weight is None or not arrays.weight.any():
        return None
    trained = arrays is prepared.train
    weight = prepared.sample_weight[prepared.train_rows] if trained else np.asarray(arrays.weight, np.float64)
    return weight / weight.mean()


def finite(errors: np.ndarray) -> np.ndarray:
    """Return the errors of trainings as they are.

    Raises:
      TrainingError: one is not finite.
    """
    if not np.isfinite(errors).all():
        raise TrainingError("a training diverged; lower optimization.learning_rate")
    return errors


def run_errors(run: Run, arrays: Arrays) -> np.ndarray:
    """Return the error of each row (m,) of a run: frozen weights, evaluation mode."""
    return errors_of(run.prepared, run.predictor.outputs_of(arrays.x), arrays)


def dev_of(prepared: Prepared) -> Arrays:
    """Return the dev rows.

    Raises:
      DataError: there are none.
    """
    if prepared.dev is None:
        raise DataError(
            f"{prepared.source}: there are no dev rows to measure errors on; set data.dev_fraction above 0"
        )
    return prepared.dev
