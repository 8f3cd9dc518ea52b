"""What is asked of the inputs, and the rows that are read: standardized, shuffled, cut into two parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.data.target import check_task, make_target

Floats = NDArray[np.float64]
SOURCE = "bayes.estimate"
FEWEST_ROWS = 40
MOST_TRAIN, MOST_HELD, MOST_LOCAL = 4000, 8000, 4000


@dataclass(frozen=True)
class Inputs:
    """Rows in random order.

    Attributes:
      X: (n, d) standardized; y: (n,) class codes, or numbers in the target's units.
      spaces: further spaces (n, d'), standardized, by name.
      votes: (n, K) given label distributions, or None.
      classes: K, or 0 for regression.
      rows: how many were given.
    """

    X: Floats
    y: NDArray[Any]
    spaces: dict[str, Floats]
    votes: Floats | None
    classes: int
    rows: int

    @property
    def train(self) -> slice:
        """Rows that models are fitted on."""
        return slice(0, min(len(self.y) // 2, MOST_TRAIN))

    @property
    def held(self) -> slice:
        """Rows that took part in neither training nor selection."""
        return slice(self.train.stop, min(len(self.y), self.train.stop + MOST_HELD))

    @property
    def guessing(self) -> float:
        """The risk of the best constant answer."""
        if self.classes:
            return 1 - float(np.bincount(self.y).max()) / len(self.y)
        return float(self.y.var())


def read(
    X: Any, y: Any, task: str | None, features: Any, soft_labels: Any, rng: np.random.Generator
) -> Inputs:
    """Return the rows to read, at most ``MOST_TRAIN + MOST_HELD`` of them.

    Raises:
      DataError: X is no numeric table, holds missing or infinite values, differs from y in rows, or is too short.
    """
    table = _matrix(X, "X")
    n = len(table)
    check_task(task, SOURCE)
    values = np.asarray(y)
    if values.ndim != 1 or len(values) != n:
        raise DataError(f"{SOURCE}: y has shape {values.shape}; expected ({n},), one label for each row of X")
    if n < FEWEST_ROWS:
        raise DataError(
            f"{SOURCE}: X has {n} rows; expected at least {FEWEST_ROWS} to fit and to judge models"
        )
    target = make_target(values, "y", task, SOURCE)
    order = rng.permutation(n)[: MOST_TRAIN + MOST_HELD]
    train = min(len(order) // 2, MOST_TRAIN)
    spaces: dict[str, Floats] = {}
    if features is not None:
        given = _matrix(features, "features")
        if len(given) != n:
            raise DataError(
                f"{SOURCE}: features has {len(given)} rows and X has {n}; expected a row for each of X"
            )
        spaces["given features"] = standardize(given[order], train)
    votes = None if soft_labels is None else _votes(soft_labels, n, target.classes)[order]
    classes = 0 if target.classes is None else len(target.classes)
    y_read = target.values[order] if classes == 0 else target.values[order].astype(np.int64)
    return Inputs(standardize(table[order], train), y_read, spaces, votes, classes, n)


def standardize(table: Floats, train: int) -> Floats:
    """Return columns of mean 0 and variance 1 over the first ``train`` rows, without the constant ones."""
    centre, scale = table[:train].mean(axis=0), table[:train].std(axis=0)
    moving = scale > 1e-12 * np.maximum(1, np.abs(centre))
    if not moving.any():
        return np.zeros((len(table), 1))
    kept = table[:, moving]
    return (kept - centre[moving]) / scale[moving]


def _matrix(table: Any, name: str) -> Floats:
    columns = getattr(table, "columns", None)
    try:
        matrix = np.asarray(table, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(
            f"{SOURCE}: {name} holds values that are no numbers; encode categories first"
        ) from None
    matrix = matrix.reshape(len(matrix), -1) if matrix.ndim != 1 else matrix[:, None]
    bad = ~np.isfinite(matrix)
    if bad.any():
        row, column = (int(place) for place in np.argwhere(bad)[0])
        raise DataError(
            f"{SOURCE}: {name} holds {matrix[row, column]} in {_column(columns, column)}, row {row}; expected finite "
            "numbers: fill missing values or drop those rows"
        )
    return matrix


def _column(columns: Sequence[Any] | None, place: int) -> str:
    return f"column {place}" if columns is None else f"column '{columns[place]}'"


def _votes(soft_labels: Any, n: int, classes: list[Any] | None) -> Floats:
    votes = _matrix(soft_labels, "soft_labels")
    expected = (n, 0 if classes is None else len(classes))
    if votes.shape != expected or (votes < 0).any() or not np.allclose(votes.sum(axis=1), 1, atol=1e-3):
        raise DataError(
            f"{SOURCE}: soft_labels has shape {votes.shape}; expected {expected}, a distribution over "
            "the sorted classes for each row"
        )
    return votes
