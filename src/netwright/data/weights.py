"""Weights of the examples in the cost."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import ControlError, DataError
from netwright.data.places import instead, row_name
from netwright.data.target import Target, as_vector
from netwright.data.targets import Targets

ClassWeight = str | dict[str, float] | None


def checked_weights(values: Any, rows: int, source: str) -> NDArray[np.float64]:
    """Return sample weights (m,) as float64.

    Raises:
      DataError: not one a row, negative, not finite, or all zero.
    """
    array = as_vector(values, source)
    try:
        weights = array.astype(np.float64)
    except (ValueError, TypeError):
        raise DataError(f"{source}: found {array.dtype} values, expected a number a row") from None
    if len(weights) != rows:
        raise DataError(f"{source}: found {len(weights)} weights for {rows} rows, expected one a row")
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        row = int(np.argmax(bad))
        raise DataError(
            f"{source}: found {weights[row]} in {row_name(row)}, expected a finite weight of at least 0"
        )
    if not weights.any():
        raise DataError(f"{source}: every weight is 0, expected at least one above 0")
    return weights


def training_weights(
    target: Target | Targets,
    rows: NDArray[np.int64],
    sample: NDArray[np.float64] | None,
    class_weight: ClassWeight,
) -> NDArray[np.float32]:
    """Return (m,) weights of the training rows: sample weight × class weight, scaled to mean 1.

    "balanced" weighs class c by m/(K·m_c), so that every class has the same total weight.

    Raises:
      ControlError: class weights for a regression, or for a class that does not exist.
    """
    weights = np.ones(len(rows)) if sample is None else sample[rows]
    if class_weight is not None:
        weights = weights * _class_weights(target, rows, class_weight)
    total = weights.sum()
    if total == 0:
        raise DataError("every training row has weight 0; expected at least one above 0")
    return (weights * (len(weights) / total)).astype(np.float32)


def _class_weights(
    target: Target | Targets, rows: NDArray[np.int64], class_weight: str | dict[str, float]
) -> NDArray[np.float64]:
    if isinstance(target, Targets):
        raise ControlError(
            f"data.class_weight: found {class_weight!r} for {len(target.parts)} targets, it goes with one; leave it out"
        )
    if target.classes is None:
        raise ControlError(f"data.class_weight: found {class_weight!r} for a regression; it needs classes")
    codes = target.values[rows].astype(np.intp)
    if isinstance(class_weight, str):
        counts = np.bincount(codes, minlength=len(target.classes))
        return (len(codes) / (len(target.classes) * np.maximum(counts, 1)))[codes]
    labels = [str(label) for label in target.classes]
    for label, weight in class_weight.items():
        if label not in labels:
            raise ControlError(f"data.class_weight: class '{label}' does not exist{instead(label, labels)}")
        if not weight >= 0:
            raise ControlError(f"data.class_weight: found {weight} for class '{label}', expected at least 0")
    return np.array([class_weight.get(label, 1.0) for label in labels])[codes]
