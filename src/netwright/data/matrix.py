"""Features that are one NumPy array of numbers."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.data.blocks import blocks
from netwright.data.matrix_encoder import MatrixEncoder, fit_array, fit_columns
from netwright.data.numeric import checked_numbers
from netwright.data.places import instead, row_name
from netwright.data.schema import Column


class Matrix:
    """An array (m, n) of numbers, or (m, …) of images and the like; NaN is a missing number."""

    def __init__(self, values: Any, source: str, names: Sequence[str] | None = None) -> None:
        self.content = checked_numbers(values, source)
        width = self.content.shape[1]
        if names is not None and len(names) != width:
            raise DataError(f"feature_names: found {len(names)} names, expected {width}, one a column")
        self.names = tuple(names or (f"x{i}" for i in range(width)))

    def __len__(self) -> int:
        return len(self.content)

    def take(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Return the features of some rows."""
        return self.content[rows]

    def column(self, name: str) -> NDArray[Any]:
        """Return one column, to split by; no cell of it is missing."""
        if name not in self.names:
            raise DataError(f"data.split_column: no column '{name}'{instead(name, self.names)}")
        values = self.content[:, self.names.index(name)]
        missing = np.isnan(values)
        if missing.any():
            row = int(np.argmax(missing))
            raise DataError(f"data.split_column: '{name}' is missing in {row_name(row)}; drop those rows")
        return values

    def times(self, name: str) -> NDArray[Any]:
        """Return one column, to order the rows by."""
        return self.column(name)

    def columns(self) -> tuple[Column, ...]:
        """Return what each column holds."""
        values = self.content
        if values.ndim > 2:
            shape = "×".join(map(str, values.shape[1:]))
            return (Column("x", "array", values=f"{shape} {values.dtype}"),)
        low, high = np.fmin.reduce(values, axis=0).tolist(), np.fmax.reduce(values, axis=0).tolist()
        missing = np.zeros(values.shape[1], np.int64)
        if values.dtype.kind == "f":
            for block in blocks(len(values)):
                missing += np.isnan(values[block]).sum(axis=0)
        return tuple(
            Column(name, "numeric", missing=gaps, values=f"{a:g} … {b:g}")
            for name, gaps, a, b in zip(self.names, missing.tolist(), low, high, strict=True)
        )

    def digest(self, update: Callable[[Any], None]) -> None:
        """Feed the content to a hash."""
        update(f"{self.names}{self.content.dtype.str}{self.content.shape}".encode())
        for block in blocks(len(self)):
            update(np.ascontiguousarray(self.content[block]).data)

    def fit(
        self, rows: NDArray[np.int64], controls: DataControls, *, embeddings: bool, left_out: str | None
    ) -> MatrixEncoder:
        """Fit the encoder on the training rows; ``left_out`` names a column of groups that is no feature."""
        del embeddings  # numbers have no levels to embed
        if self.content.ndim > 2:
            return fit_array(self.content, rows, controls)
        kept = [i for i, name in enumerate(self.names) if name != left_out]
        return fit_columns(self.content, rows, controls, kept, self.names)
