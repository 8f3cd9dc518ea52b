"""How one column of a table becomes numbers; each is fitted on training rows and is plain data."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netwright.data.coerce import coerce, plain
from netwright.data.numeric import median, standardizer
from netwright.data.schema import Column

DATE_PARTS = ("year", "month", "day of week", "day of year", "elapsed days")
Block = NDArray[np.float32]


@dataclass(frozen=True)
class Numbers:
    """(x − center)/scale of a number, a boolean (0 or 1, not scaled) or each part of a date.

    A missing cell takes the training median, and one more column says that it was missing when training rows
    were missing too.
    """

    encoder: ClassVar[str] = "numbers"
    column: Column
    center: tuple[float, ...]
    scale: tuple[float, ...]
    fill: tuple[float, ...]
    indicator: bool

    @classmethod
    def fit(cls, column: Column, train: pl.Series, normalize: str, *, indicator: bool) -> "Numbers":
        """Fit on the training cells."""
        center: list[float] = []
        scale: list[float] = []
        fill: list[float] = []
        for part in _parts(train, column.kind):
            low, width = standardizer(part[:, None], "none" if column.kind == "boolean" else normalize)
            center.append(float(low[0]))
            scale.append(float(width[0]))
            fill.append(median(part))
        missing = train.null_count() > 0
        return cls(column, tuple(center), tuple(scale), tuple(fill), indicator and missing)

    @property
    def names(self) -> list[str]:
        """Names of the encoded columns."""
        name = self.column.name
        parts = [f"{name} {part}" for part in DATE_PARTS] if self.column.kind == "date" else [name]
        return [*parts, f"{name} missing"] if self.indicator else parts

    def write(self, cells: pl.Series, out: Block, source: str, first_row: int = 0) -> None:
        """Write the encoded cells into ``out`` (m, columns); they are read as :func:`coerce` reads them."""
        series = coerce(cells, self.column, source, first_row)
        parts = _parts(series, self.column.kind)
        for i, (part, center, scale, fill) in enumerate(
            zip(parts, self.center, self.scale, self.fill, strict=True)
        ):
            out[:, i] = (np.where(np.isnan(part), fill, part) - center) / scale
        if self.indicator:
            out[:, -1] = series.is_null().to_numpy()

    def to_json(self) -> dict[str, Any]:
        """Return the fitted numbers as JSON."""
        return {
            "encoder": self.encoder,
            "column": self.column.to_json(),
            "center": list(self.center),
            "scale": list(self.scale),
            "fill": list(self.fill),
            "indicator": self.indicator,
        }

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Numbers":
        """Read :meth:`to_json` back."""
        center, scale, fill = (tuple(fields[name]) for name in ("center", "scale", "fill"))
        return cls(Column.from_json(fields["column"]), center, scale, fill, fields["indicator"])


@dataclass(frozen=True)
class Levels:
    """The levels of a categorical column in training.

    Code 0 is a rare or unseen level, 1 … L are the kept levels, and L + 1 is a missing cell when training had
    enough of them (otherwise a missing cell counts as unseen).
    """

    column: Column
    values: tuple[str, ...]
    rare: bool
    missing: bool

    @classmethod
    def fit(cls, column: Column, train: pl.Series, least: int, most: int | None = None) -> "Levels":
        """Keep the levels of at least ``least`` training rows, and of those the ``most`` frequent."""
        counts = train.drop_nulls().value_counts().sort(["count", train.name], descending=[True, False])
        kept = counts.filter(pl.col("count") >= least).head(most or len(counts))[train.name].to_list()
        rare_rows = len(train) - train.null_count() - counts.head(len(kept))["count"].sum()
        gaps = train.null_count()
        return cls(column, tuple(sorted(kept)), rare_rows > 0 or 0 < gaps < least, gaps >= max(least, 1))

    @property
    def count(self) -> int:
        """Number of codes, the rare one included."""
        return 1 + len(self.values) + self.missing

    def codes(self, cells: pl.Series, source: str, first_row: int = 0) -> NDArray[np.int64]:
        """Return the code of each cell; of text, each distinct one is read once."""
        cells = plain(cells)
        if cells.dtype != pl.String:
            return self._codes(coerce(cells, self.column, source, first_row))
        coded = cells.to_arrow().dictionary_encode(null_encoding="encode")
        distinct = pl.Series(cells.name, coded.dictionary, dtype=pl.String)
        return self._codes(coerce(distinct, self.column, source))[coded.indices.to_numpy()]

    def _codes(self, series: pl.Series) -> NDArray[np.int64]:
        found = (
            series.replace_strict(*self._table, default=0, return_dtype=pl.Int64)
            if self.values
            else pl.zeros(len(series), pl.Int64, eager=True)
        )
        codes = found.to_numpy().copy()
        codes[series.is_null().to_numpy()] = len(self.values) + 1 if self.missing else 0
        return codes

    @cached_property
    def _table(self) -> tuple[pl.Series, pl.Series]:
        return pl.Series(self.values), pl.int_range(1, len(self.values) + 1, eager=True)

    def to_json(self) -> dict[str, Any]:
        """Return the levels as JSON."""
        return {
            "column": self.column.to_json(),
            "values": list(self.values),
            "rare": self.rare,
            "missing": self.missing,
        }

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Levels":
        """Read :meth:`to_json` back."""
        return cls(
            Column.from_json(fields["column"]), tuple(fields["values"]), fields["rare"], fields["missing"]
        )


@dataclass(frozen=True)
class OneHot:
    """One column of 0 and 1 a level; a level never seen in training is all zeros unless some were rare."""

    encoder: ClassVar[str] = "one-hot"
    levels: Levels

    @property
    def column(self) -> Column:
        """The column it encodes."""
        return self.levels.column

    @property
    def names(self) -> list[str]:
        """Names of the encoded columns."""
        name = self.column.name
        rare = [f"{name}=(rare)"] if self.levels.rare else []
        missing = [f"{name}=(missing)"] if self.levels.missing else []
        return [*rare, *(f"{name}={value}" for value in self.levels.values), *missing]

    def write(self, cells: pl.Series, out: Block, source: str, first_row: int = 0) -> None:
        """Write the encoded cells into ``out`` (m, columns)."""
        place = self.levels.codes(cells, source, first_row) - (0 if self.levels.rare else 1)
        out[...] = 0
        rows = np.flatnonzero(place >= 0)
        out[rows, place[rows]] = 1

    def to_json(self) -> dict[str, Any]:
        """Return the levels as JSON."""
        return {"encoder": self.encoder, **self.levels.to_json()}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "OneHot":
        """Read :meth:`to_json` back."""
        return cls(Levels.from_json(fields))


@dataclass(frozen=True)
class Codes:
    """One column of level codes, for a learned embedding."""

    encoder: ClassVar[str] = "codes"
    levels: Levels

    @property
    def column(self) -> Column:
        """The column it encodes."""
        return self.levels.column

    @property
    def names(self) -> list[str]:
        """Name of the encoded column."""
        return [self.column.name]

    def write(self, cells: pl.Series, out: Block, source: str, first_row: int = 0) -> None:
        """Write the codes into ``out`` (m, 1)."""
        out[:, 0] = self.levels.codes(cells, source, first_row)

    def to_json(self) -> dict[str, Any]:
        """Return the levels as JSON."""
        return {"encoder": self.encoder, **self.levels.to_json()}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Codes":
        """Read :meth:`to_json` back."""
        return cls(Levels.from_json(fields))


def _parts(series: pl.Series, kind: str) -> list[NDArray[np.float64]]:
    """Return the numbers of a column, NaN where missing: one array, or one for each part of a date."""
    if kind != "date":
        return [_floats(series)]
    day = series.cast(pl.Date)
    elapsed = series.cast(pl.Datetime("us")).to_physical() / 86_400e6  # microseconds to days since 1970
    return [
        _floats(part)
        for part in (day.dt.year(), day.dt.month(), day.dt.weekday(), day.dt.ordinal_day(), elapsed)
    ]


def _floats(series: pl.Series) -> NDArray[np.float64]:
    return series.cast(pl.Float64).fill_null(float("nan")).to_numpy()
