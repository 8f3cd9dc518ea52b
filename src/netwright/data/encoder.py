"""The encoder: from features as a user has them to float32 columns, fitted on training rows only."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.data.target import TargetEncoder

__all__ = ["Encoder", "TargetEncoder"]

BLOCK = 1 << 16  # rows encoded at a time: temporaries stay in the cache and never grow with the table


class Encoder(ABC):
    """Turns features into x, float32 (m, *shape); plain numbers and names inside, nothing that executes.

    Attributes:
      shape: shape of one encoded example, (n_in,) unless the features had more than two dimensions.
      feature_names: name of each column of x.
      embeddings: (column of x, number of levels) for each column that holds integer codes for an embedding
        table; they are the last columns of x.
    """

    shape: tuple[int, ...]
    feature_names: list[str]
    embeddings: tuple[tuple[int, int], ...]

    @property
    def n_in(self) -> int:
        """Numbers in one encoded example."""
        return int(np.prod(self.shape))

    @abstractmethod
    def transform(
        self, features: Any, *, rows: NDArray[np.int64] | None = None, source: str = "data"
    ) -> NDArray[np.float32]:
        """Return x (m, *shape) of ``features``, or of their ``rows``.

        Raises:
          DataError: a column is missing, unknown or of another kind than in training, or a number is infinite.
        """

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Return the encoder as JSON; :meth:`from_json` reads it back and transforms identically."""

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Encoder":
        """Read an encoder of either kind from JSON."""
        if fields["encoder"] == "matrix":
            from netwright.data.matrix import MatrixEncoder  # start-up cost: the other kind is not imported

            return MatrixEncoder.from_json(fields)
        if fields["encoder"] == "table":
            from netwright.data.table_encoder import TableEncoder  # start-up cost: Polars

            return TableEncoder.from_json(fields)
        raise DataError(f"preprocess: found encoder {fields['encoder']!r}, expected 'matrix' or 'table'")


def blocks(count: int) -> Iterator[slice]:
    """Yield slices that cover ``range(count)`` in blocks."""
    for start in range(0, count, BLOCK):
        yield slice(start, min(start + BLOCK, count))


def standardizer(
    values: NDArray[np.float64], normalize: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (center, scale), each (n,), of the columns of ``values`` (m, n), NaN ignored.

    "standard": mean and standard deviation; "minmax": minimum and range; "none": 0 and 1. The scale of a column
    that does not vary beyond rounding is 1.
    """
    count = np.maximum((~np.isnan(values)).sum(axis=0), 1)
    if normalize == "none" or len(values) == 0:
        return np.zeros(values.shape[1]), np.ones(values.shape[1])
    if normalize == "minmax":
        low = np.fmin.reduce(values, axis=0)
        center, scale = low, np.fmax.reduce(values, axis=0) - low
    else:
        center = np.nansum(values, axis=0) / count
        scale = np.sqrt(np.nansum((values - center) ** 2, axis=0) / count)
    center = np.nan_to_num(center)
    varies = scale > 10 * np.finfo(np.float64).eps * np.abs(center)
    return center, np.where(varies, scale, 1.0)
