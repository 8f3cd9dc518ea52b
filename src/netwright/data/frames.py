"""Tables from other libraries, as Polars frames."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netwright.core.errors import DataError


def as_frame(features: Any, source: str) -> pl.DataFrame:
    """Return a pandas, Polars or PyArrow table, or an array of cells, as a Polars frame.

    Raises:
      DataError: two columns have one name, or a column mixes types.
    """
    if isinstance(features, pl.DataFrame):
        return features
    if isinstance(features, pl.LazyFrame):
        return features.collect()
    package = type(features).__module__.partition(".")[0]
    try:
        if package == "pandas":
            _check_distinct([str(name) for name in features.columns], source)
            return pl.from_pandas(features.rename(columns=str))
        if package == "pyarrow":
            _check_distinct(features.column_names, source)
            return pl.DataFrame(pl.from_arrow(features))
        return _of_cells(np.asarray(features), source)
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{source}: the table cannot be read: {' '.join(str(error).split())[:200]}") from None


def _of_cells(cells: NDArray[Any], source: str) -> pl.DataFrame:
    if cells.ndim != 2:
        raise DataError(f"{source}: found shape {cells.shape} of text cells, expected rows × columns")
    columns: list[pl.Series] = []
    for i in range(cells.shape[1]):
        values = [None if value is None or value != value else value for value in cells[:, i].tolist()]
        try:
            columns.append(pl.Series(f"x{i}", values))
        except (TypeError, pl.exceptions.PolarsError):
            numbers = all(value is None or isinstance(value, int | float) for value in values)
            columns.append(
                pl.Series(f"x{i}", values, dtype=pl.Float64 if numbers else pl.String, strict=False)
            )
    return pl.DataFrame(columns)


def _check_distinct(names: list[str], source: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise DataError(
                f"{source}: column name '{name}' occurs {names.count(name)} times; rename all but one"
            )
