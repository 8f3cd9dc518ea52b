"""Cells into values: the one place where a column's text, numbers and dates are read, in training and after."""

import polars as pl

from netwright.core.errors import DataError
from netwright.data.schema import Column

MISSING = ("", "?", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "-", "--", ".")
# "none", "-" and "." may well be labels, so only spellings that cannot be mistaken count in a target.
MISSING_LABELS = ("", "?", "na", "n/a", "#n/a", "<na>", "nan", "null")
ENCODED = ("numeric", "boolean", "date", "categorical")


def coerce(series: pl.Series, column: Column, source: str, first_row: int = 0) -> pl.Series:
    """Return the column's cells as values of its kind, missing ones as null.

    numeric → an integer or float type; boolean → Boolean; date → Date or Datetime; categorical → String.

    Args:
      series: cells as they were read: text, or already typed.
      column: what training found in this column.
      source: the file or argument, for messages.
      first_row: number of the series' first row in the source.

    Raises:
      DataError: a cell does not fit the kind; it names row, column and value.
    """
    if series.dtype in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
    if series.dtype == pl.String:
        series = known_text(series, MISSING, column.missing_as)
    if series.dtype == pl.Null:
        series = series.cast(pl.String)
    values = _READERS[column.kind](series, column)
    if values is None:
        raise DataError(
            f"{source}: column '{column.name}' holds {dtype_name(series)}, expected {_EXPECTED[column.kind]} as in training"
        )
    bad = series.is_not_null() & values.is_null()
    if bad.any():
        row = bad.arg_max() or 0
        raise DataError(
            f"{source}: found '{series[row]}' in row {first_row + row + 1} (counted from 1), column '{column.name}'; "
            f"expected {_EXPECTED[column.kind]} as in training"
        )
    return _finite(values, column, source, first_row) if values.dtype.is_float() else values


def known_text(series: pl.Series, spellings: tuple[str, ...], own: str | None = None) -> pl.Series:
    """Return text without surrounding spaces, every spelling of "missing" as null."""
    stripped = series.str.strip_chars()
    missing = stripped.str.to_lowercase().is_in(spellings)
    if own is not None:
        missing |= stripped == own
    return stripped.set(missing.fill_null(True), None)


def dtype_name(series: pl.Series) -> str:
    """Return a column's type in plain words."""
    plain = {pl.String: "text", pl.Boolean: "booleans", pl.Date: "dates", pl.Datetime: "dates"}
    return plain.get(series.dtype.base_type(), f"{series.dtype} values")


def _numeric(series: pl.Series, column: Column) -> pl.Series | None:
    del column
    if series.dtype.is_float():
        return series.fill_nan(None) if series.dtype != pl.Float16 else series.cast(pl.Float32).fill_nan(None)
    if series.dtype.is_integer():
        return series
    if series.dtype == pl.Duration:
        return series.dt.total_microseconds() / 1e6
    if series.dtype == pl.String or series.dtype == pl.Boolean or series.dtype.is_decimal():
        return series.cast(pl.Float64, strict=False).fill_nan(None)
    return None


def _boolean(series: pl.Series, column: Column) -> pl.Series | None:
    del column
    if series.dtype == pl.Boolean:
        return series
    if series.dtype == pl.String:
        lower = series.str.to_lowercase()
        return lower.replace_strict(["true", "false"], [True, False], default=None, return_dtype=pl.Boolean)
    if series.dtype.is_numeric():
        return series.replace_strict([0, 1], [False, True], default=None, return_dtype=pl.Boolean)
    return None


def _date(series: pl.Series, column: Column) -> pl.Series | None:
    if series.dtype == pl.Date:
        return series
    if isinstance(series.dtype, pl.Datetime):
        return series.dt.replace_time_zone(None)
    if series.dtype == pl.String:
        return parse_dates(series, column.date_format or "%Y-%m-%d")
    return None


def parse_dates(series: pl.Series, date_format: str) -> pl.Series:
    """Return text as Date or Datetime, null where it does not follow the format."""
    timed = "%H" in date_format
    return (
        series.str.to_datetime(date_format, strict=False)
        if timed
        else series.str.to_date(date_format, strict=False)
    )


def _text(series: pl.Series, column: Column) -> pl.Series | None:
    """A level's spelling does not depend on how it was stored: 1, 1.0 and "1" are one level."""
    del column
    if series.dtype == pl.String:
        return series
    if series.dtype.is_float():
        series = series.fill_nan(None)
        whole = series == series.floor()
        numbers = series.cast(pl.Int64, strict=False).cast(pl.String)
        return pl.select(pl.when(whole).then(numbers).otherwise(series.cast(pl.String))).to_series()
    if series.dtype.is_integer() or series.dtype.is_temporal() or series.dtype in (pl.Boolean, pl.Decimal):
        return series.cast(pl.String)
    return None


def _finite(values: pl.Series, column: Column, source: str, first_row: int) -> pl.Series:
    if values.is_infinite().any():
        row = values.is_infinite().fill_null(False).arg_max() or 0
        raise DataError(
            f"{source}: found {values[row]} in row {first_row + row + 1} (counted from 1), column '{column.name}'; "
            "expected finite numbers or an empty cell for missing"
        )
    return values


_READERS = {"numeric": _numeric, "boolean": _boolean, "date": _date, "categorical": _text}
_EXPECTED = {
    "numeric": "numbers",
    "boolean": "true or false",
    "date": "dates",
    "categorical": "text or codes",
}
