"""Temperature scaling: one number that makes the probabilities of a trained classifier honest."""

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_expit, log_softmax

LARGEST = 20.0


def fit_temperature(outputs: np.ndarray, codes: np.ndarray, weight: np.ndarray) -> float:
    """Return T > 0 that minimizes the weighted mean of ``−log p(y)`` with logits ``z/T``.

    Labels predicted do not change, for T > 0 keeps the order of the logits.

    Args:
      outputs: logits (m,) or (m, K) of rows that took no part in training.
      codes: (m,) class codes; weight: (m,).

    Reference: Guo et al. (2017), "On Calibration of Modern Neural Networks", section 4.2.
    """
    logits = outputs.astype(np.float64)

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        if scaled.ndim == 1:
            log_p = log_expit(np.where(codes == 1, scaled, -scaled))
        else:
            log_p = log_softmax(scaled, axis=1)[np.arange(len(codes)), codes]
        return -float(np.average(log_p, weights=weight))

    bound = float(np.log(LARGEST))
    found: Any = minimize_scalar(loss, bounds=(-bound, bound), method="bounded")
    return float(np.exp(found.x))


def calibration_error(
    probabilities: np.ndarray, codes: np.ndarray, weight: np.ndarray, bins: int = 15
) -> float:
    """Return the expected calibration error: mean |confidence − accuracy| over equal-width bins of confidence.

    Args:
      probabilities: (m, K); codes: (m,); weight: (m,).

    Reference: Guo et al. (2017), equation 3.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == codes
    which = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gap = np.bincount(which, weight * (confidence - right), bins)
    return float(np.abs(gap).sum() / weight.sum())
