"""The metrics of a task on encoded rows, beyond the one that training follows."""

from typing import Any

import numpy as np
from sklearn import metrics

from netwright.data.arrays import Arrays
from netwright.train.calibrate import calibration_error
from netwright.train.predictor import Predictor


def scores(predictor: Predictor, arrays: Arrays) -> dict[str, float]:
    """Return metric → value; regression's are in the target's own units. Of several targets as ``metric.target``."""
    seen = arrays.weight > 0
    outputs, y, weight = predictor.outputs_of(arrays.x)[seen], arrays.y[seen], arrays.weight[seen]
    if predictor.task != "multitask":
        return _scores(predictor, outputs, y, weight)
    found: dict[str, float] = {}
    for i, (name, part, own) in enumerate(predictor.apart(outputs)):
        known = ~np.isnan(y[:, i])
        if known.any():
            truth = y[known, i] if part.task == "regression" else y[known, i].astype(np.int32)
            one = _scores(part, own[known], truth, weight[known])
            found |= {f"{metric}.{name}": value for metric, value in one.items()}
    return found


def _scores(predictor: Predictor, outputs: np.ndarray, y: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    judge = _regression if predictor.task == "regression" else _classification
    return {name: float(value) for name, value in judge(predictor, outputs, y, weight).items()}


def _regression(
    predictor: Predictor, outputs: np.ndarray, y: np.ndarray, weights: np.ndarray
) -> dict[str, float]:
    truth = predictor.target.decode_values(y)
    found = predictor.target.decode_values(outputs)
    weight: dict[str, Any] = {"sample_weight": weights}
    return {
        "r2": metrics.r2_score(truth, found, **weight),
        "rmse": metrics.root_mean_squared_error(truth, found, **weight),
        "mae": metrics.mean_absolute_error(truth, found, **weight),
    }


def _classification(
    predictor: Predictor, outputs: np.ndarray, y: np.ndarray, weight: np.ndarray
) -> dict[str, float]:
    codes = predictor.codes(outputs)
    macro: dict[str, Any] = {"average": "macro", "sample_weight": weight, "zero_division": 0.0}
    result = {
        "accuracy": metrics.accuracy_score(y, codes, sample_weight=weight),
        "balanced_accuracy": _balanced_accuracy(y, codes, weight),
        "f1_macro": metrics.f1_score(y, codes, **macro),
    }
    if predictor.loss != "hinge":
        probabilities = predictor.probabilities(outputs)
        result["calibration_error"] = calibration_error(probabilities, y, weight)
    if outputs.ndim == 1 and len(np.unique(y)) == 2:
        result["auc"] = metrics.roc_auc_score(y, outputs, sample_weight=weight)
    return result


def _balanced_accuracy(truth: np.ndarray, codes: np.ndarray, weight: np.ndarray) -> float:
    # scikit-learn's own warns when a class was predicted that the truth lacks; the mean recall is the same.
    recalls = [np.average(codes[truth == k] == k, weights=weight[truth == k]) for k in np.unique(truth)]
    return float(np.mean(recalls))
