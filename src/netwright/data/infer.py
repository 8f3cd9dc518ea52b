"""What a column is, told from its name and its cells."""

import re
from dataclasses import replace

import polars as pl

from netwright.core.errors import DataError
from netwright.core.names import listed
from netwright.data.coerce import ENCODED, coerce, dates_in, known_text, numbers_in, plain, type_name
from netwright.data.places import row_name, shown
from netwright.data.schema import Column

MOSTLY = 0.95
SAMPLE = 1000
LEAST_ROWS = 20  # with fewer rows, cells that never repeat say little
WORDS_OF_TEXT = 4
DATE_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.fZ",
)
IDENTIFIER = re.compile(
    r"(?i:(?:^|[_\W])(?:id|uuid|guid|index|idx|key|row|rowid|rownum|rownames?)$)|[a-z](?:Id|ID)$"
)
TRUTH = ("true", "false")


class StrayTextError(DataError):
    """Text in a column of numbers; ``row`` is its row, for a reader that can tell the line."""

    def __init__(self, source: str, column: str, row: int, value: str, place: str | None = None) -> None:
        self.source, self.column, self.row, self.value = source, column, row, value
        super().__init__(
            f"{source}: found {shown(value)} in {place or row_name(row)}, column '{column}', where nearly all "
            f"cells are numbers; correct it, read the column as categories (--categorical {column}) or "
            f"leave it out (--drop {column})"
        )

    def at(self, row: int, line: int | None) -> "StrayTextError":
        """Return the same error at the row of the source, or on the line of its file."""
        return StrayTextError(self.source, self.column, row, self.value, f"line {line}" if line else None)


def infer(series: pl.Series, source: str, kind: str | None = None) -> tuple[Column, pl.Series]:
    """Return what ``series`` holds, and its cells as values of that kind (as read when it is left out).

    Text is numeric when at least 95 % of its known cells are numbers; one other spelling that repeats then
    means missing. It is a date when exactly one known format reads every cell. Cells of several words that
    hardly repeat are "text"; other cells that hardly repeat are an identifier, and so are distinct whole
    numbers with a name such as ``id`` or that count the rows. One value everywhere is a constant.

    Args:
      series: the cells as they were read.
      source: the file or argument, for messages.
      kind: "numeric" or "categorical" when the user says so.

    Raises:
      DataError: every cell is missing, a column of numbers holds stray text, or the type has no reading.
    """
    series = plain(series)
    if series.dtype.is_nested() or series.dtype.base_type() in (pl.Binary, pl.Object, pl.Time):
        raise DataError(
            f"{source}: column '{series.name}' holds {type_name(series)}, which no encoder reads; "
            f"leave it out: --drop {series.name}"
        )
    column = Column(series.name, kind) if kind else _guess(series, source)
    values = coerce(series, column, source) if column.kind in ENCODED else series
    if values.null_count() == len(values):
        raise DataError(
            f"{source}: column '{series.name}' is missing in every row; leave it out: --drop {series.name}"
        )
    return _described(column, values), values


def _guess(series: pl.Series, source: str) -> Column:
    name, dtype = series.name, series.dtype
    if series.null_count() == 0 and bool((series == series[0]).all()) and _has_value(series):
        return Column(name, "constant", used=False, note=f"every cell is {shown(series[0])}")
    if dtype == pl.String:
        return _guess_text(series, source)
    if dtype == pl.Boolean:
        return Column(name, "boolean")
    if dtype.base_type() in (pl.Date, pl.Datetime):
        return Column(name, "date")
    return _counts(series) if dtype.is_integer() else Column(name, "numeric")


def _has_value(series: pl.Series) -> bool:
    first = series.head(1)
    return known_text(first).null_count() == 0 if series.dtype == pl.String else first[0] == first[0]


def _guess_text(series: pl.Series, source: str) -> Column:
    name = series.name
    sample = known_text(series.head(SAMPLE)).drop_nulls()
    if len(sample) == 0 or sample.cast(pl.Float64, strict=False).null_count() < len(sample) / 2:
        found = _guess_numbers(series, source)
        if found is not None:
            return found
    known = known_text(series).drop_nulls()
    if known.str.to_lowercase().is_in(TRUTH).all():
        return Column(name, "boolean")
    formats = [form for form in DATE_FORMATS if _all_dates(known, form)]
    if len(formats) == 1:
        return Column(name, "date", date_format=formats[0])
    distinct = known.n_unique() / max(len(known), 1)
    words = float(known.head(SAMPLE).str.count_matches(r"\S+").sum()) / max(len(known.head(SAMPLE)), 1)
    if words >= WORDS_OF_TEXT and distinct > 0.5 and len(known) >= LEAST_ROWS:
        return Column(name, "text", used=False, note=f"free text; learn from it with text='{name}' (--text)")
    if (distinct > 0.9 and len(known) >= LEAST_ROWS) or (distinct == 1 and IDENTIFIER.search(name)):
        return Column(name, "identifier", used=False, note=f"{distinct:.0%} of its cells are distinct")
    return Column(name, "categorical")


def _guess_numbers(series: pl.Series, source: str) -> Column | None:
    """Return the column if nearly all known cells are numbers, else None."""
    numbers, stray = numbers_in(series)
    known, strays = len(series) - numbers.null_count(), int(stray.sum())
    if spells_codes(series) or known == 0 or known < MOSTLY * (known + strays):
        return None
    if strays == 0:
        return _counts(series.str.strip_chars().cast(pl.Int64, strict=False))
    spellings = known_text(series.filter(stray))
    if strays > 1 and spellings.n_unique() == 1:
        own = spellings[0]
        return Column(series.name, "numeric", missing_as=own, note=f"{shown(own)} means missing")
    row = stray.arg_max() or 0
    raise StrayTextError(source, series.name, row, series[row])


def spells_codes(series: pl.Series) -> bool:
    """Return whether digits are codes such as a postal code: 01234 is not 1234."""
    zeros = series.filter(series.str.contains(r"^\s*0"))  # few cells: the second look is cheap
    return bool(zeros.str.contains(r"^\s*0\d+\s*$").any())


def _counts(whole: pl.Series) -> Column:
    """Tell whole numbers that name rows (distinct with a telling name, or 1, 2, 3, …) from measurements."""
    name = whole.name
    steps = len(whole) >= LEAST_ROWS and whole.null_count() == 0
    if steps and IDENTIFIER.search(name):
        steps = whole.n_unique() == len(whole)
    elif steps:
        steps = whole[0] in (0, 1) and bool((whole.diff().drop_nulls() == 1).all())
    if steps:
        return Column(
            name, "identifier", used=False, note="distinct whole numbers that name or count the rows"
        )
    return Column(name, "numeric")


def _all_dates(known: pl.Series, date_format: str) -> bool:
    return all(dates_in(part, date_format).null_count() == 0 for part in (known.head(SAMPLE), known))


def _described(column: Column, values: pl.Series) -> Column:
    """Add the range or the levels, and the count of missing cells."""
    column = replace(column, missing=values.null_count())
    if column.kind == "date":
        note = "encoded as year, month, day of week, day of year and elapsed days"
        return replace(column, values=f"{values.min()} … {values.max()}", note=note)
    if column.kind == "numeric":
        return replace(column, values=f"{values.min():g} … {values.max():g}")
    if column.kind == "boolean":
        return replace(column, values=f"{values.mean():.1%} true")
    if column.kind == "categorical":
        levels = values.drop_nulls().value_counts(sort=True)[values.name]
        return replace(column, values=f"{len(levels)} levels: {listed(levels, 3)}")
    return column
