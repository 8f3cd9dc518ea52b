"""Sequences of several lengths in one block of memory."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.data.cells import LARGEST
from netwright.data.places import row_name, shown


@dataclass(frozen=True)
class Ragged:
    """m sequences of (T_i, C) numbers; NaN is a missing number.

    Attributes:
      values: (ΣT_i, C) floats, one sequence after another.
      lengths: (m,) the steps T_i of each, at least 1.
      channels: C names.
      keys: a row a sequence of what is known of it besides: its identifier first, or no columns.
    """

    values: NDArray[np.floating]
    lengths: NDArray[np.int64]
    channels: tuple[str, ...]
    keys: pl.DataFrame = field(default_factory=pl.DataFrame)

    @classmethod
    def of(cls, X: Any, source: str) -> "Ragged":
        """Return an array (m, T, C), or a list of arrays (T_i, C) or (T_i,), as sequences.

        Raises:
          DataError: a sequence has no steps, other channels than the first, or content that is no finite number.
        """
        if isinstance(X, Ragged):
            return X
        if getattr(X, "ndim", 0) == 3:
            values = np.asarray(X)
            count, steps, width = values.shape
            if 0 in (steps, width):
                raise DataError(f"{source}: found shape {values.shape}, expected (rows, steps, channels)")
            flat, lengths = values.reshape(-1, width), np.full(count, steps)
        else:
            parts = [_steps(part, row, source) for row, part in enumerate(X)]
            for row, part in enumerate(parts):
                if part.shape[1] != parts[0].shape[1]:
                    raise DataError(
                        f"{source}: the sequence in {row_name(row)} has {part.shape[1]} channels, expected "
                        f"{parts[0].shape[1]} as in the first"
                    )
            flat = np.concatenate(parts) if parts else np.zeros((0, 1))
            lengths = np.array([len(part) for part in parts])
        names = tuple(f"c{i}" for i in range(flat.shape[1]))
        return cls(as_floats(flat), lengths.astype(np.int64), names).checked(source)

    def checked(self, source: str) -> "Ragged":
        """Return the sequences themselves; DataError when a number is infinite, or too large for float32."""
        large = np.abs(self.values) > LARGEST
        if large.any():
            at, channel = np.argwhere(large)[0].tolist()
            row = int(np.searchsorted(self.ends, at, side="right"))
            raise DataError(
                f"{source}: found {self.values[at, channel]} in {self.name_of(row)}, step "
                f"{at - self.ends[row] + self.lengths[row] + 1}, channel '{self.channels[channel]}'; expected "
                "finite numbers of float32, or NaN for missing"
            )
        return self

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """Where each sequence ends in ``values`` (m,)."""
        return np.cumsum(self.lengths)

    def name_of(self, row: int) -> str:
        """Return a sequence's name for messages: its identifier, or the number of its row."""
        return f"sequence {shown(self.keys[row, 0])}" if self.keys.width else row_name(row)

    def take(self, rows: NDArray[np.int64]) -> "Ragged":
        """Return some of the sequences."""
        parts = [self[row] for row in rows.tolist()]
        values = np.concatenate(parts) if parts else self.values[:0]
        keys = self.keys[rows] if self.keys.width else self.keys
        return Ragged(values, self.lengths[rows], self.channels, keys)

    def summary(self) -> pl.DataFrame:
        """Return a row a sequence: its steps, and of each channel mean, spread, first and last number."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a channel may have no number at all
            kinds = {"mean": np.nanmean, "spread": np.nanstd, "first": _first, "last": _last}
            found = {kind: np.array([of(part, axis=0) for part in self]) for kind, of in kinds.items()}
        columns = {
            f"{name} {kind}": values[:, i]
            for i, name in enumerate(self.channels)
            for kind, values in found.items()
        }
        return pl.DataFrame({"steps": self.lengths} | columns)

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, row: int) -> NDArray[np.floating]:
        end = int(self.ends[row])
        return self.values[end - int(self.lengths[row]) : end]

    def __iter__(self) -> Iterator[NDArray[np.floating]]:
        return (self[row] for row in range(len(self)))


def as_floats(values: NDArray[Any]) -> NDArray[np.floating]:
    """Return numbers as float32 when they are, else as float64."""
    return values if values.dtype == np.float32 else values.astype(np.float64)


def _first(steps: NDArray[Any], axis: int) -> NDArray[Any]:
    return steps.take(0, axis)


def _last(steps: NDArray[Any], axis: int) -> NDArray[Any]:
    return steps.take(-1, axis)


def _steps(part: Any, row: int, source: str) -> NDArray[np.floating]:
    """Return one sequence as (T, C)."""
    try:
        steps = np.asarray(part, None if getattr(part, "dtype", None) == np.float32 else np.float64)
    except (TypeError, ValueError):
        raise DataError(
            f"{source}: the sequence in {row_name(row)} holds {shown(part)}; expected steps × channels of numbers"
        ) from None
    steps = steps[:, None] if steps.ndim == 1 else steps
    if steps.ndim != 2 or 0 in steps.shape:
        raise DataError(
            f"{source}: the sequence in {row_name(row)} has the shape {steps.shape}; expected steps × channels, "
            "at least one of each: leave it out"
        )
    return steps
