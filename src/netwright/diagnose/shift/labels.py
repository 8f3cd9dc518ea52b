"""The labels of both samples, and what a model predicts for them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.data.target import as_vector, make_target
from netwright.diagnose.shift.classifier import MOST_ROWS, folds, thinned

BINS = 5
"""Equally filled bins that a regression's target is cut into where classes are counted."""


@dataclass(frozen=True)
class Labels:
    """Targets of the training rows and, where known, of the target rows.

    Attributes:
      task: "binary", "multiclass" or "regression".
      edges: inner edges of a regression's bins, or None for classes.
      count: number of classes or bins.
      train, target: (n,) and (m,) class codes or numbers; target None when not known.
    """

    task: str
    count: int
    edges: NDArray[np.float64] | None
    train: NDArray[Any]
    target: NDArray[Any] | None

    def codes(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """Return the class, or the bin, of each value."""
        if self.edges is None:
            return values.astype(np.int64)
        return np.searchsorted(self.edges, values).astype(np.int64)

    def errors(self, truth: NDArray[Any], predicted: NDArray[Any]) -> NDArray[np.float64]:
        """Return the error of each row: 0 or 1 for classes, the squared error for numbers."""
        wrong = truth != predicted if self.edges is None else (truth - predicted) ** 2
        return wrong.astype(np.float64)


@dataclass(frozen=True)
class Predicted:
    """What one model predicts for rows that it did not learn from.

    Attributes:
      rows: the training rows that it predicts; train: (rows,) and target: (m,) class codes or numbers.
    """

    rows: NDArray[np.int64]
    train: NDArray[Any]
    target: NDArray[Any]


def read_labels(y_train: Any, y_target: Any, n: int, m: int) -> Labels:
    """Return the labels; their task follows from the values of both samples.

    Raises:
      DataError: not one label a row, or values that are no labels.
    """
    parts = [as_vector(y_train, "y_train")] + ([] if y_target is None else [as_vector(y_target, "y_target")])
    for name, part, rows in zip(("y_train", "y_target"), parts, (n, m), strict=False):
        if len(part) != rows:
            raise DataError(f"{name}: found {len(part)} labels for {rows} rows, expected one a row")
    found = make_target(np.concatenate(parts), "y", None, "shift")
    edges = None
    if found.classes is None:
        edges = np.unique(np.quantile(found.values[:n], np.arange(1, BINS) / BINS))
    count = len(edges) + 1 if edges is not None else len(found.classes or ())
    return Labels(found.task, count, edges, found.values[:n], None if y_target is None else found.values[n:])


def given(labels: Labels, outputs: tuple[NDArray[Any], NDArray[Any]]) -> Predicted:
    """Return the predictions in the outputs of a user's model, for training and target rows.

    Raises:
      DataError: there is another number of outputs than classes.
    """
    if labels.task == "multiclass" and outputs[0].shape[1:] != (labels.count,):
        raise DataError(
            f"outputs: found shape {outputs[0].shape}, expected one column for each of {labels.count} classes"
        )
    train, target = (_decided(labels, values) for values in outputs)
    return Predicted(np.arange(len(train)), train, target)


def reference(labels: Labels, x: NDArray[np.float64], n: int, seed: int) -> Predicted:
    """Train random trees on half of the training rows and predict the other half and the target rows.

    Args:
      x: (n + m, d) both samples, training rows first.
    """
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor  # start-up cost: a second

    codes = labels.codes(labels.train)
    rows = thinned(n, 2 * MOST_ROWS, seed)
    half = folds(codes[rows], seed)
    model: Any = ExtraTreesRegressor if labels.edges is not None else ExtraTreesClassifier
    trees = model(100, min_samples_leaf=3, random_state=seed).fit(x[rows[half]], labels.train[rows[half]])
    held_out = rows[~half]
    return Predicted(held_out, trees.predict(x[held_out]), trees.predict(x[n:]))


def _decided(labels: Labels, outputs: NDArray[Any]) -> NDArray[Any]:
    if outputs.ndim == 2 and outputs.shape[1] == 1:
        outputs = outputs[:, 0]
    if labels.edges is not None:
        return outputs
    if outputs.ndim == 2:
        return outputs.argmax(axis=1)
    return (outputs > 0).astype(np.int64)
