"""Sequences from a table with a row a step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.core.names import listed
from netwright.data.coerce import numbers_in, plain, type_name
from netwright.data.frames import as_frame
from netwright.data.infer import infer
from netwright.data.places import instead, row_name, shown
from netwright.data.sequences.ragged import Ragged


@dataclass(frozen=True)
class LongForm:
    """How the rows of a table become sequences.

    Attributes:
      sequence: the column that says which sequence a row belongs to.
      time: the column that orders its rows, or None: the order of the table.
      channels: the columns of numbers.
    """

    sequence: str
    time: str | None
    channels: tuple[str, ...]

    def read(self, table: Any, source: str, also: Sequence[str] = ()) -> Ragged:
        """Return the sequences of a table, in the order in which they first appear.

        Args:
          table: a frame with these columns, and others, which are left alone.
          source: the file or argument, for messages.
          also: further columns that have one value in all rows of a sequence, such as the target; they become keys.

        Raises:
          DataError: a column or an identifier is missing, two rows have one time, a cell is no number, a column of
            ``also`` changes within a sequence.
        """
        frame = as_frame(table, source)
        wanted = [self.sequence, *([self.time] if self.time else []), *self.channels, *also]
        for name in wanted:
            if name not in frame.columns:
                raise DataError(f"{source}: no column '{name}'{instead(name, frame.columns, 'Columns')}")
        names = plain(frame[self.sequence])
        if names.null_count():
            row = names.is_null().arg_max() or 0
            raise DataError(
                f"{source}: column '{self.sequence}' is missing in {row_name(row)}; drop those rows"
            )
        times = _times(frame[self.time], source) if self.time else None
        order, starts = self._order(names, times, source)
        columns = [_numbers(frame[name], source) for name in self.channels]
        values = np.stack(columns, axis=1)[order]
        keys = pl.DataFrame([names[order[starts]]])
        if times is not None and self.time != self.sequence:
            keys = keys.with_columns(times[order[starts]])  # when each begins
        keys = keys.with_columns(_one_each(frame[name], names, order, starts, source) for name in also)
        lengths = np.diff(np.append(starts, len(order)))
        return Ragged(values, lengths.astype(np.int64), self.channels, keys).checked(source)

    def _order(
        self, names: pl.Series, times: pl.Series | None, source: str
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows, sequence by sequence in time, and where each sequence starts among them."""
        codes = first_seen(names)
        ranks = np.arange(len(names)) if times is None else times.rank("dense").to_numpy().astype(np.int64)
        order = np.lexsort((ranks, codes))
        same = (np.diff(codes[order]) == 0) & (np.diff(ranks[order]) == 0)
        if same.any():
            at = int(np.argmax(same))
            first, second = sorted(order[at : at + 2].tolist())
            when = "" if times is None else times[second]
            raise DataError(
                f"{source}: rows {first + 1} and {second + 1} (counted from 1) are both '{self.sequence}' "
                f"{shown(names[second])} at '{self.time}' {shown(when)}; expected one row a time: drop one of them"
            )
        starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        return order, starts

    def to_json(self) -> dict[str, Any]:
        """Return the columns as JSON; :meth:`from_json` reads them back."""
        return {"sequence": self.sequence, "time": self.time, "channels": list(self.channels)}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "LongForm":
        """Read the columns from JSON."""
        return replace(cls(**fields), channels=tuple(fields["channels"]))


def first_seen(names: pl.Series) -> NDArray[np.int64]:
    """Return a code for each cell: equal cells have one, and codes count up as cells first appear."""
    ranks = names.rank("dense").to_numpy().astype(np.int64) - 1
    _, first, codes = np.unique(ranks, return_index=True, return_inverse=True)
    place = np.empty(len(first), np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    return place[codes]


def _times(series: pl.Series, source: str) -> pl.Series:
    """Return the time of each row, as numbers or dates."""
    _, values = infer(series, source) if series.dtype == pl.String else ("", plain(series))
    if values.dtype == pl.String:
        numbers, stray = numbers_in(values)
        if stray.any():
            row = stray.arg_max() or 0
            raise DataError(
                f"{source}: '{series.name}' is text, {shown(series[row])} in {row_name(row)}, which has no order in "
                "time; write dates as YYYY-MM-DD, or times as numbers"
            )
        values = numbers
    values = values.fill_nan(None) if values.dtype.is_float() else values
    if values.null_count():
        row = values.is_null().arg_max() or 0
        raise DataError(f"{source}: column '{series.name}' is missing in {row_name(row)}; drop those rows")
    return values.alias(series.name)


def _numbers(series: pl.Series, source: str) -> NDArray[np.floating]:
    series = plain(series)
    mend = f"correct it, or leave the column out: --drop {series.name}"
    if series.dtype == pl.String:
        values, stray = numbers_in(series)
        if stray.any():
            row = stray.arg_max() or 0
            raise DataError(
                f"{source}: found {shown(series[row])} in {row_name(row)}, column '{series.name}'; the columns of a "
                f"sequence hold numbers: {mend}"
            )
        return values.to_numpy()
    if not (series.dtype.is_numeric() or series.dtype == pl.Boolean):
        raise DataError(
            f"{source}: column '{series.name}' holds {type_name(series)}; the columns of a sequence hold numbers: "
            f"{mend}"
        )
    dtype = pl.Float32 if series.dtype == pl.Float32 else pl.Float64
    return series.cast(dtype).to_numpy()


def _one_each(
    series: pl.Series, names: pl.Series, order: NDArray[np.int64], starts: NDArray[np.int64], source: str
) -> pl.Series:
    """Return the one value of a column in each sequence."""
    ranks = plain(series).rank("dense").fill_null(0).to_numpy().astype(np.int64)[order]
    changes = np.diff(ranks, prepend=ranks[0]) != 0
    changes[starts] = False
    if changes.any():
        at = int(np.argmax(changes))
        before, row = order[at - 1 : at + 1].tolist()
        raise DataError(
            f"{source}: '{series.name}' changes within the sequence {shown(names[row])}: {shown(series[before])} in "
            f"row {before + 1}, {shown(series[row])} in row {row + 1} (counted from 1); expected one value a sequence"
        )
    return series[order[starts]]


def channels_of(frame: pl.DataFrame, others: Sequence[str], source: str) -> tuple[str, ...]:
    """Return the columns that are channels: all but ``others``; DataError when none is left."""
    found = tuple(name for name in frame.columns if name not in others)
    if not found:
        raise DataError(
            f"{source}: no column is left to learn from; found {listed(frame.columns)}, expected a column of numbers"
        )
    return found
