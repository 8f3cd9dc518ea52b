"""Two samples column by column, and as one matrix for the tests of all columns together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.core.names import listed
from netwright.data.frames import as_frame
from netwright.data.infer import infer
from netwright.data.numeric import as_array, checked_numbers, standardizer
from netwright.diagnose.shift.topics import topics

MOST_LEVELS = 20
"""Levels of a category that get a column of their own in the matrix; the rarer ones share one."""


@dataclass(frozen=True)
class Pair:
    """One column of both samples.

    Attributes:
      name: the column's.
      numeric: whether it holds numbers, float64 with NaN for missing; else codes of levels, missing one of them.
      train, target: (n,) and (m,).
    """

    name: str
    numeric: bool
    train: NDArray[Any]
    target: NDArray[Any]

    @property
    def both(self) -> NDArray[Any]:
        """Both samples, (n + m,)."""
        return np.concatenate([self.train, self.target])


def read_pairs(train: Any, target: Any, names: Sequence[str] | None = None) -> list[Pair]:
    """Return the columns of two arrays (m, …) or frames; their kinds are read off both samples together.

    A column with missing numbers brings a second one, whether the number is missing. Of a text there are how many
    characters it has, and how strongly it follows the directions of words. Identifiers are left out.

    Raises:
      DataError: the samples have other columns, no rows, or a value that cannot be read.
    """
    pairs = _of_arrays(train, target, names) if _is_array(train, target) else _of_frames(train, target)
    if min(len(pairs[0].train), len(pairs[0].target)) < 2:
        raise DataError(
            f"shift: found {len(pairs[0].train)} training and {len(pairs[0].target)} target rows, expected at least 2"
        )
    gaps = [
        Pair(f"{p.name} missing", False, np.isnan(p.train).astype(int), np.isnan(p.target).astype(int))
        for p in pairs
        if p.numeric and np.isnan(p.both).any()
    ]
    return pairs + gaps


def matrix(pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """Return both samples as rows (n + m, d): numbers standardized, levels one-hot at distance 1 from each other.

    Center and scale are those of both samples together: that keeps permutation tests exact.
    """
    parts = [_standardized(pair.both) if pair.numeric else _one_hot(pair.both) for pair in pairs]
    return np.concatenate(parts, axis=1)


def _is_array(train: Any, target: Any) -> bool:
    frames = [hasattr(sample, "columns") or hasattr(sample, "collect") for sample in (train, target)]
    if any(frames) != all(frames):
        raise DataError("shift: found a frame and an array, expected two of one kind")
    return not frames[0] and as_array(train, "train").dtype.kind not in "OUS"


def _of_arrays(train: Any, target: Any, names: Sequence[str] | None) -> list[Pair]:
    a, b = (checked_numbers(values, source) for values, source in ((train, "train"), (target, "target")))
    if a.shape[1:] != b.shape[1:]:
        raise DataError(f"target: found shape {b.shape}, expected {a.shape[1:]} for each row as in train")
    a, b = (values.reshape(len(values), -1).astype(np.float64) for values in (a, b))  # (m, …) → (m, d)
    names = list(names or (f"x{i}" for i in range(a.shape[1])))
    if len(names) != a.shape[1]:
        raise DataError(f"names: found {len(names)} names, expected {a.shape[1]}, one a column")
    return [Pair(name, True, a[:, i], b[:, i]) for i, name in enumerate(names)]


def _of_frames(train: Any, target: Any) -> list[Pair]:
    a, b = as_frame(train, "train"), as_frame(target, "target")
    if set(a.columns) != set(b.columns):
        raise DataError(
            f"target: found columns {listed(b.columns)}; expected {listed(a.columns)} as in train"
        )
    pairs = [pair for name in a.columns for pair in _of_series(a[name], b[name])]
    if not pairs:
        raise DataError("shift: every column is constant or an identifier; nothing is left to compare")
    return pairs


def _of_series(train: pl.Series, target: pl.Series) -> list[Pair]:
    if train.dtype != target.dtype and not (train.dtype.is_numeric() and target.dtype.is_numeric()):
        train, target = train.cast(pl.String), target.cast(pl.String)
    together = pl.concat([train.to_frame(), target.to_frame()], how="vertical_relaxed").to_series()
    column, values = infer(together, "shift")
    if column.kind == "text":
        return _of_texts(values, len(train))
    if not column.used:
        return []
    if column.kind == "categorical":
        both: NDArray[Any] = values.cast(pl.String).fill_null("").rank("dense").to_numpy()
        return [Pair(train.name, False, both[: len(train)], both[len(train) :])]
    both = values.to_physical().cast(pl.Float64).to_numpy()
    return [Pair(train.name, True, both[: len(train)], both[len(train) :])]


def _of_texts(texts: pl.Series, n: int) -> list[Pair]:
    lengths = texts.str.len_chars().cast(pl.Float64).to_numpy()
    columns = [("characters", lengths), *topics(texts.fill_null("").to_list())]
    return [Pair(f"{texts.name}: {name}", True, both[:n], both[n:]) for name, both in columns]


def _standardized(values: NDArray[np.float64]) -> NDArray[np.float64]:
    center, scale = standardizer(values[:, None], "standard")
    return np.nan_to_num((values[:, None] - center) / scale)


def _one_hot(codes: NDArray[Any]) -> NDArray[np.float64]:
    levels, places, counts = np.unique(codes, return_inverse=True, return_counts=True)
    # A stable order, so that the same rows give the same columns; the last one stands for all rarer levels.
    rank = np.empty(len(levels), int)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(levels))
    return np.eye(MOST_LEVELS + 1)[np.minimum(rank[places], MOST_LEVELS)][:, : len(levels)] / np.sqrt(2)
