"""What scikit-learn users pass as X, y and sample_weight, checked and made into rows to train on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.utils import assert_all_finite, check_array, check_consistent_length, column_or_1d
from sklearn.utils.validation import validate_data

from netwright.data.features import Features
from netwright.data.frames import as_frame
from netwright.data.matrix import Matrix
from netwright.data.table import Table


@dataclass(frozen=True)
class Rows:
    """Rows to train on: x (m, n) numbers or a frame, y (m,), weight float64 (m,) above 0, or None for ones."""

    x: Any
    y: NDArray[Any]
    weight: NDArray[np.float64] | None

    def __len__(self) -> int:
        return len(self.y)

    def features(self) -> Features:
        """Return x as the data room's features."""
        return table_of(self.x) if isinstance(self.x, pl.DataFrame) else Matrix(self.x, "X")

    def merged(self) -> "Rows":
        """Return each distinct row (x, y) once, with the sum of its weights, in an order that is theirs alone.

        The cost Σw·l/Σw stays what it is, so a weight of k is k copies of the row to the last bit.
        """
        cells = self.x if isinstance(self.x, pl.DataFrame) else pl.DataFrame(self.x)
        text = pl.col(pl.Categorical, pl.Enum).cast(pl.String)
        keys = cells.with_columns(text).with_columns(pl.Series("\0target", self.y)).hash_rows().to_numpy()
        _, first, group = np.unique(keys, return_index=True, return_inverse=True)
        weight = np.ones(len(self)) if self.weight is None else self.weight
        return Rows(self.x[first], self.y[first], np.bincount(group, weights=weight).astype(np.float64))


def checked_rows(estimator: Any, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> Rows:
    """Return the rows whose weight is above zero: a weight of zero is a row that is not there.

    Args:
      reset: whether X decides the columns, or has to have those of an earlier fit.

    Raises:
      ValueError: y is missing, lengths differ, values are not finite, a weight is negative or all are zero.
    """
    x = checked_features(estimator, X, reset=reset)
    if y is None:
        name = type(estimator).__name__
        raise ValueError(f"{name} requires y to be passed, but the target y is None")
    y = column_or_1d(y, warn=True)
    assert_all_finite(y, input_name="y", estimator_name=type(estimator).__name__)
    check_consistent_length(x, y)
    if sample_weight is None:
        return Rows(x, y, None)
    weight = _checked_weight(sample_weight, len(y))
    there = np.flatnonzero(weight)
    return Rows(x[there], y[there], weight[there])


def checked_features(estimator: Any, X: Any, *, reset: bool) -> Any:
    """Return X as an array of finite numbers, or a pandas or Polars frame as a Polars frame.

    The first fit decides: after a frame, an array gets the frame's column names; after an array, a frame is one.
    """
    if is_frame(X) and (reset or estimator._columns is not None):
        validate_data(estimator, X, reset=reset, skip_check_array=True)
        frame = as_frame(X, "X")
        if 0 in frame.shape:
            raise ValueError(
                f"X: found {frame.height} rows and {frame.width} columns, expected at least one of each"
            )
        if reset:
            estimator._columns = frame.columns
        return frame
    x = validate_data(estimator, X, reset=reset, dtype=(np.float64, np.float32))
    if reset:
        estimator._columns = None
    return x if estimator._columns is None else pl.DataFrame(x, schema=estimator._columns)


def is_frame(X: Any) -> bool:
    """Tell whether X is a pandas or Polars data frame."""
    return type(X).__module__.partition(".")[0] in ("pandas", "polars") and len(getattr(X, "shape", ())) == 2


def table_of(frame: pl.DataFrame) -> Table:
    """Return a frame as a table whose column types say what the columns are; nothing is guessed or left out."""
    kinds = {name: _kind(dtype) for name, dtype in frame.schema.items()}
    return Table.of_columns(frame.get_columns(), "X", kinds)


def _kind(dtype: pl.DataType) -> str:
    if dtype == pl.Boolean:
        return "boolean"
    if dtype.is_numeric() or dtype == pl.Duration:
        return "numeric"
    return "date" if isinstance(dtype, pl.Date | pl.Datetime) else "categorical"


def _checked_weight(values: Any, rows: int) -> NDArray[np.float64]:
    weight = check_array(values, ensure_2d=False, dtype="float64", input_name="sample_weight")
    if weight.shape != (rows,):
        raise ValueError(
            f"sample_weight: found shape {weight.shape}, expected ({rows},): one weight a row of X"
        )
    if (weight < 0).any():
        raise ValueError(f"sample_weight: found {weight.min():g}, expected weights of at least zero")
    if not weight.any():
        raise ValueError("sample_weight: every weight is zero, expected at least one above zero")
    return weight
