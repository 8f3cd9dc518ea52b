"""The encoder: from features as a user has them to float32 columns, fitted on training rows only."""

import importlib
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.errors import DataError
from netwright.core.layout import Layout
from netwright.core.names import listed
from netwright.data.target_encoder import TargetEncoder

__all__ = ["Encoder", "TargetEncoder"]

ENCODERS = {
    "image": "images.encoder:ImageEncoder",
    "inputs": "inputs:InputsEncoder",
    "matrix": "matrix_encoder:MatrixEncoder",
    "sequence": "sequences.sequence_encoder:SequenceEncoder",
    "several": "several:SeveralEncoder",
    "table": "table_encoder:TableEncoder",
    "text": "text.text_encoder:TextEncoder",
}
"""Where the encoder of each name in preprocess.json is."""


class Encoder(ABC):
    """Turns features into x, float32 (m, *shape); plain numbers and names inside, nothing that executes.

    Attributes:
      layout: what one encoded example is.
      feature_names: name of each column of x; empty unless x is (m, n) with a meaning for each column.
      tokenizer: of texts: the content of ``tokenizer.json``, which stands beside the rest; else None.
    """

    layout: Layout
    feature_names: list[str]

    @property
    def tokenizer(self) -> str | None:
        """See above."""
        return None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one encoded example."""
        return self.layout.shape

    @property
    def embeddings(self) -> tuple[tuple[int, int], ...]:
        """(column of x, number of levels) of each column of category codes; they are the last columns."""
        return self.layout.embeddings

    @property
    def n_in(self) -> int:
        """Numbers in one encoded example."""
        return self.layout.size

    def opened(self, features: Any, source: str = "data") -> Any:
        """Return features read and checked once, with a length: :meth:`transform` takes rows of them.

        Raises:
          DataError: as :meth:`transform`, but for single cells perhaps not yet.
        """
        del source
        return features

    @abstractmethod
    def transform(
        self, features: Any, *, rows: NDArray[np.int64] | None = None, source: str = "data"
    ) -> NDArray[np.float32]:
        """Return x (m, *shape) of ``features``, or of ``rows`` of a data set's content or what :meth:`opened` gave.

        Raises:
          DataError: a column is missing, unknown or of another kind than in training; a number is infinite.
        """

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Return the encoder as JSON; :meth:`from_json` reads it back and transforms identically."""

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Encoder":
        """Read an encoder of any kind from JSON."""
        name = fields.get("encoder")
        if name not in ENCODERS:
            raise DataError(f"preprocess: found encoder {name!r}, expected one of {listed(ENCODERS)}")
        file, _, kind = ENCODERS[name].partition(":")
        # The subclasses import this file, and some of them Polars or Pillow, which others do not need.
        return getattr(importlib.import_module(f"netwright.data.{file}"), kind).from_json(fields)
