"""Tables from other libraries, as Polars frames."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from netwright.core.errors import DataError
from netwright.data.cells import is_missing


def as_frame(features: Any, source: str, names: Sequence[str] | None = None) -> pl.DataFrame:
    """Return a pandas, Polars or PyArrow table, or an array of cells, as a Polars frame.

    Args:
      features: a table, or cells in rows and columns.
      source: the file or argument, for messages.
      names: names of an array's columns; by default x0, x1, …

    Raises:
      DataError: two columns have one name, or an array has other dimensions than rows × columns.
    """
    if isinstance(features, pl.DataFrame):
        return features
    if isinstance(features, pl.LazyFrame):
        return features.collect()
    package = type(features).__module__.partition(".")[0]
    if package == "pyarrow":
        _check_distinct(features.column_names, source)
        return pl.DataFrame(pl.from_arrow(features))
    if package == "pandas":
        columns = [str(name) for name in features.columns]
        _check_distinct(columns, source)
        return pl.DataFrame([_of_pandas(features.iloc[:, i], name) for i, name in enumerate(columns)])
    cells = np.asarray(features)
    if cells.ndim != 2:
        raise DataError(f"{source}: found shape {cells.shape}, expected rows × columns")
    if names is None:
        names = [f"x{i}" for i in range(cells.shape[1])]
    if len(names) != cells.shape[1]:
        raise DataError(f"{source}: found {cells.shape[1]} columns, expected {len(names)} as in training")
    return pl.DataFrame([series_of(cells[:, i].tolist(), name) for i, name in enumerate(names)])


def series_of(cells: list[Any], name: str) -> pl.Series:
    """Return cells of one column: numbers and dates as they are; when types are mixed, all as text."""
    cells = [None if is_missing(cell) else cell for cell in cells]
    try:
        return pl.Series(name, cells)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        numbers = all(cell is None or isinstance(cell, int | float) for cell in cells)
        if numbers:
            return pl.Series(name, cells, dtype=pl.Float64, strict=False)
        return pl.Series(name, [None if cell is None else str(cell) for cell in cells], dtype=pl.String)


def _of_pandas(series: Any, name: str) -> pl.Series:
    try:
        return pl.Series(pl.from_pandas(series)).alias(name)
    except (pl.exceptions.PolarsError, TypeError, ValueError):  # an object column of mixed cells
        return series_of(series.tolist(), name)


def _check_distinct(names: list[str], source: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise DataError(
                f"{source}: column name '{name}' occurs {names.count(name)} times; rename all but one"
            )
