"""The x-ray of a run: raw features and labels, or its own rows, through the trained network and back."""

from typing import Any

import numpy as np

from netwright.core.errors import DataError, RunError
from netwright.data.targets import require_one
from netwright.data.weights import checked_weights
from netwright.watch import xray as of_arrays
from netwright.watch.xray import Xray

ROWS = 32
"""Rows of its own that a run shows unless told otherwise."""


def xray(
    run: Any,
    X: Any = "train",
    y: Any = None,
    *,
    rows: int | None = None,
    loss: Any = None,
    weights: Any = None,
) -> Xray:
    """Send a batch through a run's network, in evaluation mode, and return what every layer did.

    The cost is the loss that was trained with, on the data alone: no penalty, no label smoothing.

    Args:
      run: the :class:`netwright.train.run.Run`.
      X: raw features as in training, or "train", "dev" or "test" for the first rows of that split.
      y: their labels, or values in the target's units; none for a split.
      rows: how many of the first rows are taken: by default all of X, and 32 of a split.
      loss: another loss than the run's: a name, or a function (outputs, targets) → (m,).
      weights: (m,) weight of each row in the cost.

    Raises:
      DataError: y is missing, or X or y do not suit the run's encoders.
      RunError: the split is empty; the run was loaded and its data cannot be found again, or its loss was the
        user's own and is not given.
    """
    require_one(run.targets, "xray")
    predictor = run.predictor
    loss = predictor.loss if loss is None else loss
    if loss == "custom":
        raise RunError("xray: the run was trained with a loss of your own; pass it as loss= to xray")
    if isinstance(X, str):
        arrays = run.rows(X)
        x, codes, given = arrays.x, arrays.y, arrays.weight
        rows = ROWS if rows is None else rows
    else:
        if y is None:
            raise DataError("xray: X came without y; the way back starts at the loss")
        x, codes = predictor.encoder.transform(X, source="xray"), predictor.target.encode(y, source="xray")
        given = np.ones(len(codes))
    if weights is not None:
        given = checked_weights(weights, len(x), "xray: weights")
    part = slice(rows)
    return of_arrays.xray(run.model, x[part], codes[part], loss=loss, weights=given[part])
