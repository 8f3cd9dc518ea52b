"""Features that are a table: a Polars frame whose columns have kinds."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.core.names import listed
from netwright.data.coerce import coerce, numbers_in
from netwright.data.frames import as_frame
from netwright.data.infer import infer
from netwright.data.places import instead, row_name, shown
from netwright.data.schema import Column
from netwright.data.table_encoder import TableEncoder, fit_table

HASHED_ROWS = 1 << 18


class Table:
    """A frame and what its columns are: used ones hold values of their kind, left-out ones are as read."""

    def __init__(self, frame: pl.DataFrame, columns: tuple[Column, ...], others: tuple[str, ...]) -> None:
        self.frame, self._columns, self._others = frame, columns, others

    @classmethod
    def of_columns(
        cls, cells: list[pl.Series], source: str, kinds: dict[str, str], others: tuple[str, ...] = ()
    ) -> "Table":
        """Return a table that a network can learn from; see :meth:`inferred` for the arguments.

        Raises:
          DataError: see :func:`~netwright.data.infer.infer`; or no column is left to learn from.
        """
        table = cls.inferred(cells, source, kinds, others)
        columns = table.columns()
        if not any(column.used for column in columns):
            text = next((column.name for column in columns if column.kind == "text"), None)
            raise DataError(
                f"{source}: no column is left to learn from"
                + "".join(f"; '{column.name}' is {column.kind}" for column in columns[:3])
                + (f". To learn from texts: text='{text}', --text {text}" if text else "")
            )
        return table

    @classmethod
    def inferred(
        cls, cells: list[pl.Series], source: str, kinds: dict[str, str], others: tuple[str, ...] = ()
    ) -> "Table":
        """Infer the kind of each column and read its cells.

        Args:
          cells: the columns as read; the list is emptied, so that a column's text is freed once it is read.
          source: the file or argument, for messages.
          kinds: kinds that the user chose, by column.
          others: further columns that the source has, such as the target.

        Raises:
          DataError: see :func:`~netwright.data.infer.infer`.
        """
        columns: list[Column] = []
        values: list[pl.Series] = []
        cells.reverse()
        while cells:
            series = cells.pop()
            column, read = infer(series, source, kinds.get(series.name))
            columns.append(column)
            values.append(read)
        return cls(pl.DataFrame(values), tuple(columns), others)

    @classmethod
    def of_parts(cls, parts: dict[str, Any]) -> "Table":
        """Stack frames or arrays of cells; the first decides what the columns are."""
        frames = {source: as_frame(features, source) for source, features in parts.items()}
        (source, frame), *rest = frames.items()
        first = cls.of_columns(frame.get_columns(), source, {})
        stacked = [first.frame]
        for source, frame in rest:
            if frame.columns != first.frame.columns:
                raise DataError(
                    f"{source}: found columns {listed(frame.columns)}; "
                    f"expected {listed(first.frame.columns)} as in X"
                )
            stacked.append(pl.DataFrame(first._read(frame[name], source) for name in frame.columns))
        return cls(pl.concat(stacked, how="vertical_relaxed"), first.columns(), ())

    def _read(self, series: pl.Series, source: str) -> pl.Series:
        column = next(column for column in self._columns if column.name == series.name)
        if column.used:
            return coerce(series, column, source)
        return series.cast(self.frame[series.name].dtype, strict=False)

    @property
    def content(self) -> pl.DataFrame:
        """What the fitted encoder transforms."""
        return self.frame

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, rows: NDArray[np.int64]) -> pl.DataFrame:
        """Return the features of some rows."""
        return self.frame[rows]

    def column(self, name: str) -> NDArray[Any]:
        """Return one column, to split by; no cell of it is missing."""
        return _ranks(self._found(name))

    def times(self, name: str) -> NDArray[Any]:
        """Return one column, to order the rows by: dates or numbers, those of an identifier too.

        Raises:
          DataError: text, such as dates that two formats read; its order is not that of time.
        """
        series = self._found(name)
        if series.dtype != pl.String:
            return _ranks(series)
        numbers, other = numbers_in(series)
        if other.any():
            row = other.arg_max() or 0
            raise DataError(
                f"data.split_column: '{name}' is text, {shown(series[row])} in {row_name(row)}, which has no "
                "order in time; write dates as YYYY-MM-DD, or times as numbers"
            )
        return _ranks(numbers)

    def _found(self, name: str) -> pl.Series:
        if name not in self.frame.columns:
            raise DataError(f"data.split_column: no column '{name}'{instead(name, self.frame.columns)}")
        return self.frame[name]

    def columns(self) -> tuple[Column, ...]:
        """Return what each column holds."""
        return self._columns

    def digest(self, update: Any) -> None:
        """Feed the content to a hash: names, types, lengths and bytes, whatever the chunks in memory."""
        for series in self.frame:
            update(f"{series.name}\0{series.dtype}\0".encode())
            for start in range(0, len(series), HASHED_ROWS):
                for part in _bytes(series.slice(start, HASHED_ROWS)):
                    update(part)

    def fit(
        self, rows: NDArray[np.int64], controls: DataControls, *, embeddings: bool, left_out: str | None
    ) -> TableEncoder:
        """Fit the encoder on the training rows; ``left_out`` names a column of groups that is no feature."""
        used = [column for column in self._columns if column.used and column.name != left_out]
        if not used:
            raise DataError(
                f"data.split_column: '{left_out}' is the only feature; no column is left to learn from"
            )
        return fit_table(self.frame, used, rows, controls, embeddings=embeddings, others=self._others)


def _ranks(series: pl.Series) -> NDArray[Any]:
    if series.null_count():
        row = series.is_null().arg_max() or 0
        raise DataError(f"data.split_column: '{series.name}' is missing in {row_name(row)}; drop those rows")
    return series.rank("dense").to_numpy()


def _bytes(series: pl.Series) -> list[bytes]:
    missing = np.packbits(series.is_null().to_numpy()).tobytes()
    dtype = series.dtype
    if (dtype.is_numeric() and not dtype.is_decimal()) or dtype.is_temporal() or dtype == pl.Boolean:
        return [missing, series.to_physical().fill_null(0).to_numpy().tobytes()]
    text = series.cast(pl.String)
    lengths = text.str.len_bytes().fill_null(0).to_numpy()
    return [missing, lengths.tobytes(), "".join(text.drop_nulls().to_list()).encode()]
