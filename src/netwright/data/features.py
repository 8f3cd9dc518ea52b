"""What a data set asks of its features, whether they are one array or a table."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.data.encoder import Encoder
from netwright.data.schema import Column


class Features(Protocol):
    """A :class:`~netwright.data.matrix.Matrix` or a :class:`~netwright.data.table.Table`."""

    @property
    def content(self) -> Any:
        """What the fitted encoder transforms."""
        ...

    def __len__(self) -> int: ...

    def take(self, rows: NDArray[np.int64]) -> Any:
        """Return the features of some rows."""
        ...

    def column(self, name: str) -> NDArray[Any]:
        """Return one column, to split by; no cell of it is missing."""
        ...

    def times(self, name: str) -> NDArray[Any]:
        """Return one column, to order the rows by; DataError when it has no order in time."""
        ...

    def columns(self) -> tuple[Column, ...]:
        """Return what each column holds."""
        ...

    def digest(self, update: Any) -> None:
        """Feed the content to a hash."""
        ...

    def fit(
        self, rows: NDArray[np.int64], controls: DataControls, *, embeddings: bool, left_out: str | None
    ) -> Encoder:
        """Fit the encoder on the training rows; ``left_out`` names a column of groups that is no feature."""
        ...
