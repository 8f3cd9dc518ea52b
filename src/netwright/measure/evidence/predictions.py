"""A split as the trained network predicts it."""

import numpy as np

from netwright.data.arrays import Arrays as Rows
from netwright.diagnose.evidence import Predictions
from netwright.measure.evidence.network import Network, losses, some
from netwright.measure.rows import truth_of
from netwright.train.block import BLOCK_ROWS
from netwright.train.run import Run

MOST_ROWS = 2 * BLOCK_ROWS
"""Whole blocks of the compiled forward pass: what is left over would be a block of another size, compiled anew."""


def predictions(run: Run, network: Network, rows: Rows | None) -> Predictions | None:
    """Return up to two blocks of rows, frozen weights, evaluation mode; None without rows or with broken weights.

    Scores of a hinge loss become certainties: it gives no probabilities.
    """
    if rows is None:
        return None
    rows = some(rows, MOST_ROWS)
    outputs = run.predictor.outputs_of(rows.x)
    if not np.isfinite(outputs).all():
        return None
    truth = truth_of(run.prepared, rows)
    each = losses(network.plan, network.hyper, outputs, rows.y)
    if run.prepared.task == "regression":
        return Predictions(truth, run.predictor.target.decode_values(outputs), each)
    if run.predictor.loss == "hinge":
        p = np.eye(len(run.classes or ()))[run.predictor.codes(outputs)]
    else:
        p = run.predictor.probabilities(outputs)
    return Predictions(truth, p, each)
