"""How much commoner each class is among the target rows, seen through a model that errs."""

import numpy as np
from numpy.typing import NDArray


def class_weights(
    truth: NDArray[np.int64], predicted: NDArray[np.int64], predicted_target: NDArray[np.int64], classes: int
) -> NDArray[np.float64]:
    """Return w (K,), ``w_k = P_target(y = k) / P_train(y = k)``, without labels of the target rows.

    Black-box shift estimation: when only the classes' shares differ, ``C w = μ`` with the joint
    ``C[i, k] = P_train(ŷ = i, y = k)`` and ``μ[i] = P_target(ŷ = i)``; solved with w ≥ 0 and scaled so that
    ``Σ w_k P_train(y = k) = 1``.

    Args:
      truth, predicted: codes (n,) of training rows that the model did not learn from.
      predicted_target: codes (m,) of the target rows.

    Reference: Lipton, Wang and Smola (2018), "Detecting and correcting for label shift with black box predictors".
    """
    from scipy.optimize import nnls  # start-up cost: training needs no statistics

    joint = np.zeros((classes, classes))
    np.add.at(joint, (predicted, truth), 1 / len(truth))
    weights, _ = nnls(joint, np.bincount(predicted_target, minlength=classes) / len(predicted_target))
    total = weights @ joint.sum(axis=0)
    return weights / total if total > 0 else np.ones(classes)


def matched(
    codes: NDArray[np.int64], weights: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return training rows, none twice, whose classes have the shares that ``weights`` give them."""
    counts = np.bincount(codes, minlength=len(weights))
    # The class that needs most of its rows gets all of them.
    kept = np.floor(counts * weights / weights[counts > 0].max()).astype(int)
    chosen = [
        rng.choice(np.flatnonzero(codes == k), size, replace=False) for k, size in enumerate(kept) if size
    ]
    return np.sort(np.concatenate(chosen))
