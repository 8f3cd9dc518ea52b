"""Rows encoded when they are asked for, so that a large input is never encoded as a whole."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.data.encoder import Encoder


class Encoded:
    """What an encoder makes of features; sliced like the array x (m, *shape) that it stands for.

    Args:
      encoder: fitted on training rows.
      features: as the user gave them.
      source: the file or argument, for messages.

    Raises:
      DataError: columns are missing, unknown or of another kind than in training.
    """

    def __init__(self, encoder: Encoder, features: Any, source: str) -> None:
        self.encoder, self.source = encoder, source
        self.features = encoder.opened(features, source)

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, part: slice) -> NDArray[np.float32]:
        """Return x of some rows."""
        rows = np.arange(*part.indices(len(self)))
        return self.encoder.transform(self.features, rows=rows, source=self.source)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape (m, *shape) of x."""
        return (len(self), *self.encoder.shape)

    @property
    def nbytes(self) -> int:
        """Bytes that all rows would take."""
        return 4 * self.encoder.n_in * len(self)
