"""The target: its values, and the task they ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.core.names import listed
from netwright.data.cells import LARGEST, is_missing
from netwright.data.places import instead, row_name, shown

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
    values: NDArray[Any]
    classes: list[Any] | None

    @property
    def names(self) -> list[str]:
        """Its name alone; several targets have several."""
        return [self.name]

    def labels(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Return the targets of some rows as the user wrote them."""
        return self.values[rows] if self.classes is None else np.asarray(self.classes)[self.values[rows]]

    def digest(self, update: Callable[[Any], None]) -> None:
        """Feed name, task, classes and values to a hash."""
        update(f"{self.name}{self.task}{self.classes}".encode())
        update(np.ascontiguousarray(self.values).data)

    def strata(self) -> NDArray[np.integer]:
        """Return (m,) the stratum of each row of a stratified split: its class; 0 for regression."""
        if self.classes is None:
            return np.zeros(len(self.values), np.int8)
        return self.values.astype(np.int32, copy=False)

    def __str__(self) -> str:
        if self.classes is None:
            return f"{self.name}, regression, {self.values.min():g} … {self.values.max():g}"
        counts = np.bincount(self.values, minlength=len(self.classes)) / len(self.values)
        shares = [f"{label} {count:.1%}" for label, count in zip(self.classes, counts, strict=True)]
        return f"{self.name}, {self.task}, {len(self.classes)} classes: {listed(shares, 6)}"


def make_target(values: NDArray[Any], name: str, task: str | None, source: str) -> Target:
    """Return the target of ``values`` (m,): numbers, booleans or strings, none missing.

    Raises:
      DataError: a number is not finite, numbers and text are mixed, or values are of another type, which a
        run's record could not hold; and as in :func:`target_of`.
    """
    if values.dtype.kind == "O":
        values = _of_one_type(values.tolist(), name, source)
    elif values.dtype.kind not in "Uiufb":
        raise _no_label(values[0], name, 0, source)
    distinct, codes = np.unique(values, return_inverse=True)
    fits = np.abs(values) <= LARGEST if values.dtype.kind == "f" else np.ones(1, bool)
    if not fits.all():
        row = int(np.argmin(fits))
        raise DataError(
            f"{source}: target '{name}' is {values[row]} in {row_name(row)}; "
            "expected finite numbers: drop those rows or correct them"
        )
    return target_of(distinct, codes, name, task, source)


def target_of(
    distinct: NDArray[Any], codes: NDArray[np.integer], name: str, task: str | None, source: str
) -> Target:
    """Return the target whose row i is ``distinct[codes[i]]``; the task follows from the values unless given.

    Text, booleans and any two values are classes; so are whole numbers with at most 20 distinct values and at
    least 10 rows for each on average. Other numbers are regression.

    Raises:
      DataError: one class only, not two for "binary", text for "regression".
    """
    task = task or _task_of(distinct, len(codes))
    if task == "regression":
        if distinct.dtype.kind not in "iufb":
            raise DataError(
                f"{source}: target '{name}' holds text such as {shown(distinct[0])}; regression needs numbers: "
                "choose another target or another task"
            )
        return Target(name, task, distinct.astype(np.float64)[codes], None)
    if len(distinct) == 1:
        raise DataError(
            f"{source}: target '{name}' has one class only, {shown(distinct[0])} in all {len(codes)} rows; "
            "expected at least two: choose another target or add rows of the other classes"
        )
    if task == "binary" and len(distinct) != 2:
        raise DataError(
            f"{source}: target '{name}' has {len(distinct)} classes, expected 2 for the task 'binary': "
            "use 'multiclass'"
        )
    return Target(name, task, codes.astype(np.int32), distinct.tolist())


def check_task(task: str | None, source: str) -> None:
    """Raise DataError when ``task`` is neither None nor one of the three tasks."""
    if task is not None and task not in TASKS:
        raise DataError(f"{source}: task '{task}' is not known{instead(task, TASKS)}")


def as_vector(values: Any, source: str) -> NDArray[Any]:
    """Return a list, or a NumPy, JAX, pandas or Polars vector, or one column of them, as an array (m,).

    Raises:
      DataError: more than one column.
    """
    array = values.to_numpy() if hasattr(values, "to_numpy") else np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(f"{source}: found shape {array.shape}, expected one value a row: (rows,)")
    return array


def _of_one_type(cells: list[Any], name: str, source: str) -> NDArray[Any]:
    """Return an array of strings, or of numbers and booleans, of Python objects."""
    for row, cell in enumerate(cells):
        if is_missing(cell):
            raise DataError(f"{source}: target '{name}' is missing in {row_name(row)}; drop those rows")
        if not isinstance(cell, str | int | float | np.integer | np.floating | np.bool):
            raise _no_label(cell, name, row, source)
    if len({isinstance(cell, str) for cell in cells}) > 1:
        types = sorted({type(cell).__name__ for cell in cells})
        raise DataError(
            f"{source}: target '{name}' mixes {' and '.join(types)}; expected all numbers or all text"
        )
    return np.array(cells)


def _no_label(cell: Any, name: str, row: int, source: str) -> DataError:
    return DataError(
        f"{source}: target '{name}' holds a {type(cell).__name__}, {shown(cell)} in {row_name(row)}; "
        "expected text, numbers or booleans: cast it to text"
    )


def _task_of(distinct: NDArray[Any], rows: int) -> str:
    if len(distinct) <= 2:
        return "binary"
    if distinct.dtype.kind not in "iuf":
        return "multiclass"
    whole = bool((distinct == np.floor(distinct)).all())
    few = len(distinct) <= min(MOST_INTEGER_CLASSES, rows / ROWS_PER_INTEGER_CLASS)
    return "multiclass" if whole and few else "regression"
