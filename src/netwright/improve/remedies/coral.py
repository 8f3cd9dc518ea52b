"""CORAL: training rows are moved so that their mean and covariance are those of the target rows."""

import numpy as np

from netwright.core.errors import ControlError
from netwright.data.arrays import Arrays
from netwright.improve.remedies._study import Study, Trained


def coral(study: Study) -> Trained:
    """Train on ``(x − μ_s) C_s^{−1/2} C_t^{1/2} + μ_t`` with ``C = covariance + I``.

    Inputs are the encoded rows, standardized by the training rows; the means are aligned too, since the target rows
    are not standardized by themselves. The model then fits the target rows as they are.

    Raises:
      ControlError: examples are no rows of numbers.

    Reference: Sun, Feng and Saenko (2016), "Return of frustratingly easy domain adaptation", algorithm 1.
    """
    layout = study.prepared.encoder.layout
    if layout.codes or len(layout.shape) > 1:
        raise ControlError(
            f"coral: an example is a {layout.kind} of shape {layout.shape}, expected a row of numbers"
        )
    train, dev = study.prepared.train, study.prepared.dev
    source, target = train.x.astype(np.float64), study.target.astype(np.float64)
    map_ = _power(source, -0.5) @ _power(target, 0.5)

    def aligned(x: np.ndarray) -> np.ndarray:
        return ((x - source.mean(axis=0)) @ map_ + target.mean(axis=0)).astype(np.float32)

    prepared = study.changed(
        lambda rows, x: Arrays(x, rows.y, rows.weight),
        aligned(train.x),
        None if dev is None else aligned(dev.x),
    )
    return Trained(study.train(prepared), f"{source.shape[1]} columns aligned")


def _power(x: np.ndarray, exponent: float) -> np.ndarray:
    """Return (covariance + I)^exponent, symmetric."""
    values, vectors = np.linalg.eigh(np.cov(x, rowvar=False).reshape(x.shape[1], -1) + np.eye(x.shape[1]))
    return (vectors * values**exponent) @ vectors.T
