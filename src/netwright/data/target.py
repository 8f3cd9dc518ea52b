"""The target: which task it asks for, and its way into numbers and back."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.core.names import listed, nearest

TASKS = ("binary", "multiclass", "regression")
MOST_INTEGER_CLASSES = 20
ROWS_PER_INTEGER_CLASS = 10


@dataclass(frozen=True)
class Target:
    """The target of every row.

    Attributes:
      values: (m,) int32 codes into ``classes``, or float64 numbers for regression.
      classes: the labels, sorted, in the user's own type; None for regression.
    """

    name: str
    task: str
    values: NDArray[np.int32] | NDArray[np.float64]
    classes: list[Any] | None

    def labels(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Return the targets of some rows as the user wrote them."""
        return self.values[rows] if self.classes is None else np.asarray(self.classes)[self.values[rows]]

    def __str__(self) -> str:
        if self.classes is None:
            low, high = float(self.values.min()), float(self.values.max())
            return f"{self.name}, regression, {low:g} … {high:g}"
        counts = np.bincount(self.values, minlength=len(self.classes)) / len(self.values)
        shares = [f"{label} {count:.1%}" for label, count in zip(self.classes, counts, strict=True)]
        return f"{self.name}, {self.task}, {len(self.classes)} classes: {listed(shares, 6)}"


def make_target(values: NDArray[Any], name: str, task: str | None, source: str) -> Target:
    """Return the target of ``values`` (m,): numbers, booleans or strings, none missing."""
    check_task(task, source)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise DataError(
            f"{source}: target '{name}' is {values[row]} in row {row + 1} (counted from 1); "
            "expected finite numbers: drop those rows or correct them"
        )
    try:
        distinct, codes = np.unique(values, return_inverse=True)
    except TypeError:
        raise DataError(
            f"{source}: target '{name}' mixes types ({_types(values)}); expected all numbers or all text"
        ) from None
    return target_of(distinct, codes.reshape(-1), name, task, source)


def target_of(
    distinct: NDArray[Any], codes: NDArray[np.integer], name: str, task: str | None, source: str
) -> Target:
    """Return the target whose row i is ``distinct[codes[i]]``; the task follows from the values unless given.

    Text, booleans and any two values are classes; so are whole numbers with at most 20 distinct values and at
    least 10 rows for each on average. Other numbers are regression.

    Raises:
      DataError: one class only, not two for "binary", text for "regression".
    """
    found = task or _task_of(distinct, len(codes))
    if found == "regression":
        if distinct.dtype.kind not in "iufb":
            raise DataError(
                f"{source}: target '{name}' holds text such as '{distinct[0]}'; regression needs numbers: "
                "choose another target or task='multiclass'"
            )
        return Target(name, found, distinct.astype(np.float64)[codes], None)
    if len(distinct) == 1:
        raise DataError(
            f"{source}: target '{name}' has one class only ('{distinct[0]}' in all {len(codes)} rows); "
            "expected at least two: choose another target or give rows of the other classes"
        )
    if found == "binary" and len(distinct) != 2:
        raise DataError(
            f"{source}: target '{name}' has {len(distinct)} classes; task='binary' needs 2: "
            "use task='multiclass'"
        )
    return Target(name, found, codes.astype(np.int32), distinct.tolist())


def check_task(task: str | None, source: str) -> None:
    """Raise DataError when ``task`` is neither None nor one of the three tasks."""
    if task is not None and task not in TASKS:
        raise DataError(f"{source}: task '{task}' is not known{nearest(task, TASKS)} Known: {listed(TASKS)}.")


def _task_of(distinct: NDArray[Any], rows: int) -> str:
    if len(distinct) <= 2:
        return "binary"
    if distinct.dtype.kind not in "iuf":
        return "multiclass"
    whole = bool((distinct == np.floor(distinct)).all())
    few = len(distinct) <= min(MOST_INTEGER_CLASSES, rows / ROWS_PER_INTEGER_CLASS)
    return "multiclass" if whole and few else "regression"


def _types(values: NDArray[Any]) -> str:
    return " and ".join(sorted({type(value).__name__ for value in values.tolist()}))


@dataclass(frozen=True)
class TargetEncoder:
    """The target's way into numbers and back; its scale is fitted on training rows only.

    Attributes:
      classes: labels in code order, in the user's own type; None for regression.
      mean, scale: regression targets are encoded as (y − mean)/scale.
    """

    task: str
    classes: list[Any] | None = None
    mean: float = 0.0
    scale: float = 1.0

    @classmethod
    def fit(cls, target: Target, rows: NDArray[np.int64], *, normalize: bool) -> "TargetEncoder":
        """Fit on the training rows; ``normalize`` standardizes a regression target."""
        if target.classes is not None or not normalize:
            return cls(target.task, target.classes)
        values = target.values[rows]
        mean, scale = float(values.mean()), float(values.std())
        return cls(target.task, None, mean, scale if scale > 1e-12 * abs(mean) else 1.0)

    @property
    def n_out(self) -> int:
        """Outputs of a network for this target: 1, or one a class for multiclass."""
        return len(self.classes or ()) if self.task == "multiclass" else 1

    def encode(self, values: Any, *, source: str = "target") -> NDArray[np.int32] | NDArray[np.float32]:
        """Return codes int32 (m,) or scaled numbers float32 (m,) of labels as a user writes them.

        Raises:
          DataError: a label that training never saw, a missing label, or text where numbers were learned.
        """
        array = as_vector(values, source)
        if self.classes is None:
            return ((_numbers(array, source) - self.mean) / self.scale).astype(np.float32)
        key = _label_key(self.classes, array)
        known = {label: code for code, label in enumerate(self.classes)}
        labels = array.tolist()
        codes = np.fromiter((known.get(key(label), -1) for label in labels), np.int32, len(labels))
        if (codes < 0).any():
            row = int(np.argmax(codes < 0))
            raise DataError(
                f"{source}: label {labels[row]!r} in row {row + 1} (counted from 1) was never seen in "
                f"training{nearest(str(labels[row]), map(str, self.classes))} "
                f"Known: {listed(map(repr, self.classes))}."
            )
        return codes

    def scaled(self, values: NDArray[Any]) -> NDArray[np.int32] | NDArray[np.float32]:
        """Return what :meth:`encode` would of a :class:`Target`'s own values."""
        return values if self.classes is not None else ((values - self.mean) / self.scale).astype(np.float32)

    def decode_classes(self, codes: Any) -> NDArray[Any]:
        """Return the user's labels of integer codes."""
        return np.asarray(self.classes)[np.asarray(codes)]

    def decode_values(self, z: Any) -> NDArray[np.float64]:
        """Return regression outputs in the target's own units: mean + scale·z."""
        return np.asarray(z, np.float64) * self.scale + self.mean

    def to_json(self) -> dict[str, Any]:
        """Return the encoder as JSON; :meth:`from_json` reads it back."""
        return {"task": self.task, "classes": self.classes, "mean": self.mean, "scale": self.scale}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "TargetEncoder":
        """Read an encoder from JSON."""
        return cls(**fields)


def as_vector(values: Any, source: str) -> NDArray[Any]:
    """Return labels as an array (m,): a list, a NumPy, JAX, pandas or Polars vector, or one column of them.

    Raises:
      DataError: more than one column.
    """
    array = values.to_numpy() if hasattr(values, "to_numpy") else np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(f"{source}: found shape {array.shape}, expected one target a row: (rows,)")
    return array


def _numbers(array: NDArray[Any], source: str) -> NDArray[np.float64]:
    try:
        numbers = array.astype(np.float64)
    except (ValueError, TypeError):
        row, value = next((i, v) for i, v in enumerate(array.tolist()) if not _is_number(v))
        raise DataError(
            f"{source}: found '{value}' in row {row + 1} (counted from 1), expected a number: "
            "training had a numeric target"
        ) from None
    if not np.isfinite(numbers).all():
        row = int(np.flatnonzero(~np.isfinite(numbers))[0])
        raise DataError(
            f"{source}: the target is {numbers[row]} in row {row + 1} (counted from 1), expected a finite number"
        )
    return numbers


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (ValueError, TypeError):
        return False
    return True


def _label_key(classes: list[Any], array: NDArray[Any]) -> Any:
    """Return how a label is looked up: a file that is read anew may write 1 as "1" or "1" as 1."""
    found_text = array.dtype.kind in "UO" and any(isinstance(value, str) for value in array.tolist())
    if isinstance(classes[0], str):
        return str if not found_text else _same
    if not found_text:
        return _same
    spelled = {str(label).lower(): label for label in classes}
    return lambda value: spelled.get(_spelling(value))


def _same(value: Any) -> Any:
    return value


def _spelling(value: Any) -> str:
    text = str(value).strip().lower()
    return text.removesuffix(".0")
