"""Cells into values: the one place where a table's text, numbers and dates are read, always."""

from collections.abc import Callable

import polars as pl

from netwright.core.errors import DataError
from netwright.data.cells import LARGEST
from netwright.data.places import CellError, shown
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
      DataError: the column is of another type; as a CellError, a cell does not fit the kind, or is too large for
        float32: it names row, column and value.
    """
    series = plain(series)
    read, expected = _READERS[column.kind]
    place = f"column '{column.name}'"
    values, bad = read(series, column)
    if values is None:
        raise DataError(
            f"{source}: column '{column.name}' holds {type_name(series)}, expected {expected} as in training"
        )
    if bad.any():
        row = bad.arg_max() or 0
        raise CellError(
            source, shown(series[row]), first_row + row, place, f"expected {expected} as in training"
        )
    large = values.abs() > float(LARGEST) if values.dtype.is_float() else pl.Series([False])
    if large.any():
        row = large.arg_max() or 0
        rest = "expected finite numbers of float32, or an empty cell for missing"
        raise CellError(source, str(values[row]), first_row + row, place, rest)
    return values


def plain(series: pl.Series) -> pl.Series:
    """Return categorical cells, and a column without any cell, as text."""
    coded = series.dtype.base_type() in (pl.Categorical, pl.Enum, pl.Null)
    return series.cast(pl.String) if coded else series


def known_text(series: pl.Series, spellings: tuple[str, ...] = MISSING, own: str | None = None) -> pl.Series:
    """Return text without surrounding spaces, every spelling of "missing" as null."""
    stripped = series.str.strip_chars()
    return stripped.set(_is_missing(stripped, spellings, own), None)


def numbers_in(series: pl.Series, own: str | None = None) -> tuple[pl.Series, pl.Series]:
    """Return the numbers that text spells, null where it is missing, and a mask of cells that are neither."""
    stripped = series.str.strip_chars()
    values = stripped.cast(pl.Float64, strict=False).fill_nan(None)
    other = values.is_null() & series.is_not_null()
    if other.any():
        other &= ~_is_missing(stripped, MISSING, own)
    return values, other


def dates_in(series: pl.Series, date_format: str) -> pl.Series:
    """Return text as Date, or Datetime for a format with hours; null where it does not follow the format."""
    if "%H" in date_format:
        return series.str.to_datetime(date_format, strict=False)
    return series.str.to_date(date_format, strict=False)


def type_name(series: pl.Series) -> str:
    """Return a column's type in plain words."""
    words: dict[type[pl.DataType], str] = {
        pl.String: "text",
        pl.Boolean: "true and false",
        pl.Date: "dates",
        pl.Datetime: "dates",
    }
    return words.get(series.dtype.base_type(), f"{series.dtype} values")


def _is_missing(stripped: pl.Series, spellings: tuple[str, ...], own: str | None) -> pl.Series:
    found = stripped.str.to_lowercase().is_in(spellings)
    if own is not None:
        found |= stripped == own
    return found.fill_null(True)


Read = tuple[
    pl.Series | None, pl.Series
]  # values, or None for a type that cannot hold them; cells that do not fit


def _numeric(series: pl.Series, column: Column) -> Read:
    dtype = series.dtype
    none_bad = pl.Series([False])
    if dtype == pl.String:
        return numbers_in(series, column.missing_as)
    if dtype.is_float():
        return series.cast(pl.Float32 if dtype == pl.Float16 else dtype).fill_nan(None), none_bad
    if dtype.is_integer():
        return series, none_bad
    if dtype == pl.Duration:
        return series.dt.total_microseconds() / 1e6, none_bad  # seconds
    if dtype == pl.Boolean or dtype.is_decimal():
        return series.cast(pl.Float64), none_bad
    return None, none_bad


def _boolean(series: pl.Series, column: Column) -> Read:
    if series.dtype == pl.String:
        series = known_text(series, own=column.missing_as).str.to_lowercase()
        values = series.replace_strict(
            ["true", "false"], [True, False], default=None, return_dtype=pl.Boolean
        )
    elif series.dtype == pl.Boolean:
        values = series
    elif series.dtype.is_numeric():
        series = series.cast(pl.Float64).fill_nan(None)
        values = series.replace_strict([0.0, 1.0], [False, True], default=None, return_dtype=pl.Boolean)
    else:
        return None, series
    return values, series.is_not_null() & values.is_null()


def _date(series: pl.Series, column: Column) -> Read:
    none_bad = pl.Series([False])
    if series.dtype == pl.Date:
        return series, none_bad
    if isinstance(series.dtype, pl.Datetime):
        return series.dt.replace_time_zone(None), none_bad
    if series.dtype == pl.String:
        series = known_text(series, own=column.missing_as)
        values = dates_in(series, column.date_format or "%Y-%m-%d")
        return values, series.is_not_null() & values.is_null()
    return None, none_bad


def _categorical(series: pl.Series, column: Column) -> Read:
    """A level's spelling does not depend on how it was stored: 1, 1.0 and "1" are one level."""
    dtype = series.dtype
    none_bad = pl.Series([False])
    if dtype == pl.String:
        return known_text(series, own=column.missing_as), none_bad
    if dtype.is_float():
        series = series.cast(pl.Float64).fill_nan(None)
        return series.cast(pl.String).str.strip_suffix(".0"), none_bad
    if dtype == pl.Duration:
        return None, none_bad
    if dtype.is_integer() or dtype.is_temporal() or dtype.is_decimal() or dtype == pl.Boolean:
        return series.cast(pl.String), none_bad
    return None, none_bad


_READERS: dict[str, tuple[Callable[[pl.Series, Column], Read], str]] = {
    "numeric": (_numeric, "numbers"),
    "boolean": (_boolean, "true or false"),
    "date": (_date, "dates"),
    "categorical": (_categorical, "text or codes"),
}
