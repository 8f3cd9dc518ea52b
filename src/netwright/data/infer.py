"""What a column is, told from its name and its cells."""

import re

import polars as pl

from netwright.core.errors import DataError
from netwright.core.names import listed
from netwright.data.coerce import MISSING, coerce, dtype_name, known_text, parse_dates
from netwright.data.schema import Column

MOSTLY = 0.95
SAMPLE = 1000
LEAST_ROWS = 20  # with fewer rows, all-distinct cells say little
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
_IDENTIFIER = re.compile(
    r"(?:^|[_\W])(?:id|uuid|guid|index|idx|key|row|rowid|rownum)$|[a-z](?:Id|ID)$", re.IGNORECASE
)
_CAMEL_IDENTIFIER = re.compile(r"[a-z](?:Id|ID)$")


class StrayText(DataError):
    """Text in a column of numbers; ``row`` is its row, for a reader that can tell the line."""

    def __init__(self, column: str, row: int, value: str, place: str) -> None:
        self.column, self.row, self.value = column, row, value
        super().__init__(
            f"{place}, column '{column}': found '{value}' where nearly all cells are numbers; correct it, "
            f"or read the column as categories (--categorical {column}), or leave it out (--drop {column})"
        )

    def at(self, place: str) -> "StrayText":
        """Return the same error naming another place."""
        return StrayText(self.column, self.row, self.value, place)


def infer(series: pl.Series, source: str, *, kind: str | None = None) -> Column:
    """Return what ``series`` holds.

    Text is numeric when at least 95 % of its known cells are numbers; one repeated other spelling then means
    missing. It is a date when exactly one known format reads every cell. Text of several words that hardly
    repeats is "text"; other cells that hardly repeat are an identifier, and so are distinct whole numbers with a
    name such as ``id`` or that count the rows. One value everywhere is a constant.

    Args:
      series: the cells as they were read.
      source: the file or argument, for messages.
      kind: "numeric" or "categorical" when the user says so.

    Raises:
      DataError: every cell is missing, a number column holds stray text, or the type has no reading.
    """
    if series.dtype in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
    if series.dtype == pl.String:
        series = known_text(series, MISSING)
    if series.dtype.is_float() and series.dtype != pl.Float16:
        series = series.fill_nan(None)
    if series.null_count() == len(series):
        raise DataError(
            f"{source}: column '{series.name}' is missing in every row; leave it out: --drop {series.name}"
        )
    found = _forced(series, source, kind) if kind else _found(series, source)
    return _described(found, series, source)


def _forced(series: pl.Series, source: str, kind: str) -> Column:
    if kind == "numeric" and series.dtype == pl.String:
        return _number_text(series, source)
    return Column(series.name, kind)


def _found(series: pl.Series, source: str) -> Column:
    name, dtype = series.name, series.dtype
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Time):
        raise DataError(
            f"{source}: column '{name}' holds {dtype_name(series)}, which no encoder reads; leave it out: --drop {name}"
        )
    if series.null_count() == 0 and bool((series == series[0]).all()):
        return Column(name, "constant", used=False, note=f"every cell is '{series[0]}'")
    if dtype == pl.Boolean:
        return Column(name, "boolean")
    if dtype in (pl.Date, pl.Datetime):
        return Column(name, "date")
    if dtype == pl.String:
        return _text(series, source)
    if dtype.is_integer() and _counts(series):
        return Column(
            name, "identifier", used=False, note="distinct whole numbers that name or count the rows"
        )
    return Column(name, "numeric")


def _text(series: pl.Series, source: str) -> Column:
    name = series.name
    known = series.drop_nulls()
    if _mostly_numbers(known):
        return _number_text(series, source)
    if known.head(SAMPLE).str.to_lowercase().is_in(["true", "false"]).all():
        if known.str.to_lowercase().is_in(["true", "false"]).all():
            return Column(name, "boolean")
    formats = [form for form in DATE_FORMATS if _all_dates(known, form)]
    if len(formats) == 1:
        return Column(name, "date", date_format=formats[0])
    distinct = known.n_unique() / len(known)
    words = float(known.head(SAMPLE).str.count_matches(r"\S+").mean() or 0)  # pyright: ignore[reportArgumentType]
    if words >= WORDS_OF_TEXT and distinct > 0.5 and len(known) >= LEAST_ROWS:
        return Column(name, "text", used=False, note="free text, which no table encoder reads")
    named = distinct == 1 and _is_identifier_name(name)
    if named or (distinct > 0.9 and len(known) >= LEAST_ROWS):
        return Column(name, "identifier", used=False, note=f"{distinct:.0%} of the cells are distinct")
    return Column(name, "categorical")


def _mostly_numbers(known: pl.Series) -> bool:
    for part in (known.head(SAMPLE), known):
        numbers = part.cast(pl.Float64, strict=False).is_not_null()
        codes = part.str.contains(r"^0\d+$")  # such as a postal code: 01234 is not 1234
        if codes.any() or float(numbers.mean() or 0) < (MOSTLY if part is known else 0.5):  # pyright: ignore[reportArgumentType]
            return False
    return True


def _number_text(series: pl.Series, source: str) -> Column:
    numbers = series.cast(pl.Float64, strict=False)
    stray = series.is_not_null() & numbers.is_null()
    if not stray.any():
        whole = series.cast(pl.Int64, strict=False)
        if whole.null_count() == series.null_count() and _counts(whole):
            note = "distinct whole numbers that name or count the rows"
            return Column(series.name, "identifier", used=False, note=note)
        return Column(series.name, "numeric")
    spellings = series.filter(stray)
    if spellings.n_unique() == 1 and len(spellings) > 1:
        return Column(series.name, "numeric", missing_as=spellings[0], note=f"'{spellings[0]}' means missing")
    row = stray.arg_max() or 0
    raise StrayText(series.name, row, series[row], f"{source}: row {row + 1} (counted from 1)")


def _counts(whole: pl.Series) -> bool:
    """Whether whole numbers name the rows: distinct with a telling name, or 0, 1, 2, … or 1, 2, 3, … in order."""
    if whole.null_count() or len(whole) < LEAST_ROWS:
        return False
    if _is_identifier_name(whole.name):
        return whole.n_unique() == len(whole)
    return whole[0] in (0, 1) and bool((whole.diff().drop_nulls() == 1).all())


def _is_identifier_name(name: str) -> bool:
    return bool(_IDENTIFIER.search(name) or _CAMEL_IDENTIFIER.search(name))


def _all_dates(known: pl.Series, date_format: str) -> bool:
    return all(parse_dates(part, date_format).null_count() == 0 for part in (known.head(SAMPLE), known))


def _described(column: Column, series: pl.Series, source: str) -> Column:
    """Add the range or the levels and the count of missing cells."""
    fields = column.to_json()
    if column.kind in ("numeric", "boolean", "date"):
        values = coerce(series, column, source)
        fields["missing"] = values.null_count()
        fields["values"] = f"{_short(values.min())} … {_short(values.max())}"
    else:
        fields["missing"] = series.null_count()
        if column.kind == "categorical":
            fields["values"] = _levels(series)
    if column.kind == "date":
        fields["note"] = "encoded as year, month, day of week, day of year and elapsed days"
    return Column.from_json(fields)


def _levels(series: pl.Series) -> str:
    counts = series.drop_nulls().value_counts(sort=True)
    return f"{len(counts)} levels: {listed(map(str, counts[series.name].head(12).to_list()), 3)}"


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
