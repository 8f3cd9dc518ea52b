"""Features that are one NumPy array: every column is a number, encoded column-wise at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.core.names import nearest
from netwright.data.encoder import Encoder, blocks, standardizer
from netwright.data.schema import Column

Floats = NDArray[np.float64]
COLUMNS_AT_A_TIME = 1 << 22  # numbers held in float64 while means are taken


class Matrix:
    """An array (m, n) of numbers, or (m, …) of images and the like."""

    def __init__(self, values: NDArray[Any], source: str) -> None:
        self.values = checked_matrix(values, source)
        self.names = column_names(self.values.shape[1:])

    @property
    def content(self) -> NDArray[Any]:
        """What the fitted encoder transforms."""
        return self.values

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Return the features of some rows."""
        return self.values[rows]

    def column(self, name: str) -> NDArray[Any]:
        """Return one column, to split by."""
        if name not in self.names or self.values.ndim != 2:
            raise DataError(f"data.split_column: no column '{name}'{nearest(name, self.names)}")
        return self.values[:, self.names.index(name)]

    def columns(self) -> tuple[Column, ...]:
        """Return what each column holds."""
        if self.values.ndim > 2:
            shape = "×".join(map(str, self.values.shape[1:]))
            return (Column("x", "array", values=f"{shape} {self.values.dtype}"),)
        missing = _missing(self.values)
        low, high = np.fmin.reduce(self.values, axis=0), np.fmax.reduce(self.values, axis=0)
        return tuple(
            Column(name, "numeric", missing=int(gaps), values=f"{a:g} … {b:g}")
            for name, gaps, a, b in zip(
                self.names, missing, low.astype(float), high.astype(float), strict=True
            )
        )

    def digest(self, update: Any) -> None:
        """Feed the content to a hash."""
        update(f"{self.values.dtype.str}{self.values.shape[1:]}".encode())
        for block in blocks(len(self)):
            update(np.ascontiguousarray(self.values[block]).data)

    def fit(
        self, rows: NDArray[np.int64], controls: DataControls, *, embeddings: bool, left_out: str | None
    ) -> "MatrixEncoder":
        """Fit the encoder on the training rows; ``left_out`` names a column of groups that is no feature."""
        del embeddings  # numbers have no levels to embed
        kept = [i for i, name in enumerate(self.names) if name != left_out]
        return fit_matrix(self.values, rows, controls, kept)


class MatrixEncoder(Encoder):
    """(x − center)/scale for each column, gaps filled by the training median with indicator columns added.

    Arrays of more than two dimensions have one center and one scale for all numbers, since a pixel is a pixel
    wherever it stands.
    """

    embeddings = ()

    def __init__(
        self,
        example_shape: tuple[int, ...],
        kept: list[int],
        center: Floats,
        scale: Floats,
        fill: Floats,
        indicators: list[int],
    ) -> None:
        self.example_shape = example_shape
        self.kept = kept
        self.center, self.scale, self.fill = center, scale, fill
        self.indicators = indicators
        self._names = column_names(example_shape)
        self.feature_names = [self._names[i] for i in kept]
        self.feature_names += [f"{self._names[i]} missing" for i in indicators]
        self.shape = example_shape if len(example_shape) > 1 else (len(self.feature_names),)

    def transform(
        self, features: Any, *, rows: NDArray[np.int64] | None = None, source: str = "data"
    ) -> NDArray[np.float32]:
        """See :meth:`Encoder.transform`."""
        values = checked_matrix(features, source)
        if values.shape[1:] != self.example_shape:
            raise DataError(
                f"{source}: found {_described(values.shape[1:])}, expected {_described(self.example_shape)} as in training"
            )
        count = len(values) if rows is None else len(rows)
        out = np.empty((count, *self.shape), np.float32)
        for block in blocks(count):
            self._write(values[block if rows is None else rows[block]], out[block])
        return out

    def _write(self, values: NDArray[Any], out: NDArray[np.float32]) -> None:
        if values.ndim > 2:
            values = np.where(np.isnan(values), self.fill, values) if values.dtype.kind == "f" else values
            out[...] = (values - self.center) / self.scale
            return
        width = len(self.kept)
        numbers = (
            values[:, self.kept].astype(np.float64) if width < values.shape[1] else values.astype(np.float64)
        )
        gaps = np.isnan(numbers)
        if gaps.any():
            numbers = np.where(gaps, self.fill, numbers)
        out[:, :width] = (numbers - self.center) / self.scale
        if self.indicators:
            out[:, width:] = np.isnan(values[:, self.indicators])

    def to_json(self) -> dict[str, Any]:
        """See :meth:`Encoder.to_json`."""
        return {
            "encoder": "matrix",
            "example_shape": list(self.example_shape),
            "kept": self.kept,
            "center": self.center.tolist(),
            "scale": self.scale.tolist(),
            "fill": self.fill.tolist(),
            "indicators": self.indicators,
        }

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "MatrixEncoder":
        """See :meth:`Encoder.from_json`."""
        center, scale, fill = (np.array(fields[name], np.float64) for name in ("center", "scale", "fill"))
        return cls(tuple(fields["example_shape"]), fields["kept"], center, scale, fill, fields["indicators"])


def fit_matrix(
    values: NDArray[Any], rows: NDArray[np.int64], controls: DataControls, kept: list[int]
) -> MatrixEncoder:
    """Fit a :class:`MatrixEncoder` on the training rows of ``values``."""
    if values.ndim > 2:
        center, scale = _one_standardizer(values, rows, controls.normalize)
        return MatrixEncoder(
            values.shape[1:], list(range(int(np.prod(values.shape[1:])))), center, scale, center, []
        )
    center, scale, fill = np.zeros(len(kept)), np.ones(len(kept)), np.zeros(len(kept))
    indicators: list[int] = []
    step = max(1, COLUMNS_AT_A_TIME // max(len(rows), 1))
    for start in range(0, len(kept), step):
        part = slice(start, start + step)
        numbers = values[np.ix_(rows, kept[part])].astype(np.float64)
        gaps = np.isnan(numbers).any(axis=0)
        center[part], scale[part] = standardizer(numbers, controls.normalize)
        for i in np.flatnonzero(gaps):
            known = numbers[~np.isnan(numbers[:, i]), i]
            fill[start + i] = np.median(known) if len(known) else 0.0
            indicators.append(kept[start + int(i)])
    return MatrixEncoder(
        values.shape[1:], kept, center, scale, fill, indicators if controls.missing_indicator else []
    )


def _one_standardizer(values: NDArray[Any], rows: NDArray[np.int64], normalize: str) -> tuple[Floats, Floats]:
    if normalize == "none":
        return np.zeros(1), np.ones(1)
    if normalize == "minmax":
        low = min(float(np.nanmin(values[rows[block]])) for block in blocks(len(rows)))
        high = max(float(np.nanmax(values[rows[block]])) for block in blocks(len(rows)))
        return np.array([low]), np.array([(high - low) or 1.0])
    count, total = 0, 0.0
    for block in blocks(len(rows)):
        part = values[rows[block]].astype(np.float64)
        count, total = count + int((~np.isnan(part)).sum()), total + float(np.nansum(part))
    mean = total / max(count, 1)
    squares = sum(float(np.nansum((values[rows[block]] - mean) ** 2.0)) for block in blocks(len(rows)))
    return np.array([mean]), np.array([np.sqrt(squares / max(count, 1)) or 1.0])


def column_names(shape: tuple[int, ...]) -> list[str]:
    """Return x0, x1, … for a row of numbers, and x for anything with more dimensions."""
    return [f"x{i}" for i in range(shape[0])] if len(shape) == 1 else ["x"] * int(np.prod(shape))


def checked_matrix(features: Any, source: str) -> NDArray[Any]:
    """Return features as an array of numbers (m, …) of at least two dimensions; NaN means missing.

    Raises:
      DataError: text, complex or sparse content, one dimension, no columns, an infinite number.
    """
    if hasattr(features, "toarray"):
        raise DataError(f"{source}: found a sparse matrix, expected a dense one: pass X.toarray()")
    values = features.to_numpy() if hasattr(features, "to_numpy") else np.asarray(features)
    if values.dtype.kind in "OUS":
        values = _as_numbers(values, source)
    if values.dtype.kind not in "iufb":
        raise DataError(f"{source}: found {values.dtype} values, expected numbers")
    if values.ndim < 2:
        raise DataError(
            f"{source}: found shape {values.shape}, expected rows × columns: reshape with X.reshape(-1, 1)"
        )
    if 0 in values.shape[1:]:
        raise DataError(f"{source}: found shape {values.shape}, expected at least one column")
    for block in blocks(len(values)):
        # One cheap sum tells most blocks apart; it is infinite or NaN when any member is.
        if values.dtype.kind == "f" and not np.isfinite(values[block].sum(dtype=np.float64)):
            _refuse_infinite(values[block], block.start, source)
    return values


def _refuse_infinite(values: NDArray[Any], first: int, source: str) -> None:
    found = np.argwhere(np.isinf(values))
    if len(found):
        row, column = int(found[0][0]), found[0][1:].tolist()
        name = f"x{column[0]}" if len(column) == 1 else f"position {tuple(column)}"
        raise DataError(
            f"{source}: found {values[tuple(found[0])]} in row {first + row + 1} (counted from 1), column {name}; "
            "expected finite numbers or NaN for missing"
        )


def _as_numbers(values: NDArray[Any], source: str) -> NDArray[np.float64]:
    try:
        return values.astype(np.float64)
    except (ValueError, TypeError):
        for place, value in np.ndenumerate(values):
            if not isinstance(value, int | float):
                raise DataError(
                    f"{source}: found {value!r} in row {place[0] + 1} (counted from 1), column x{place[-1]}; "
                    "expected a number: training had numbers there"
                ) from None
        raise


def _missing(values: NDArray[Any]) -> NDArray[np.int64]:
    if values.dtype.kind != "f":
        return np.zeros(values.shape[1], np.int64)
    return sum(
        (np.isnan(values[block]).sum(axis=0) for block in blocks(len(values))),
        np.zeros(values.shape[1], np.int64),
    )


def _described(shape: tuple[int, ...]) -> str:
    return f"{shape[0]} columns" if len(shape) == 1 else f"examples of shape {shape}"
