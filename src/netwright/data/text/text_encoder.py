"""The encoder of one column of texts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from tokenizers import Tokenizer

from netwright.core.errors import DataError
from netwright.core.layout import Layout
from netwright.data.coerce import plain, type_name
from netwright.data.encoder import Encoder
from netwright.data.frames import as_frame
from netwright.data.places import instead
from netwright.data.text import tokenizer as words

LONGEST = 512
"""Tokens beyond which data.length="auto" cuts."""
VOCABULARY = 20_000
"""Words that data.vocabulary="auto" keeps at most."""


class TextEncoder(Encoder):
    """The first ``length`` words of each text as codes, 0 after the end; see :mod:`netwright.data.text.tokenizer`."""

    def __init__(self, column: str, length: int, tokenizer: Tokenizer) -> None:
        if tokenizer.truncation:  # a pretrained one, which ends a text that it cuts with its own sign
            tokenizer.enable_truncation(length)
        self.column, self.length, self._tokenizer = column, length, tokenizer
        self.feature_names = []
        self.layout = Layout("text", (length,), vocabulary=tokenizer.get_vocab_size())

    @property
    def tokenizer(self) -> str:
        """See :attr:`Encoder.tokenizer`."""
        return self._tokenizer.to_str(pretty=True)

    def opened(self, features: Any, source: str = "data") -> pl.Series:
        """See :meth:`Encoder.opened`; features are a table with the column, or texts alone."""
        return column_of(features, self.column, source)

    def transform(
        self, features: Any, *, rows: NDArray[np.int64] | None = None, source: str = "data"
    ) -> NDArray[np.float32]:
        """See :meth:`Encoder.transform`."""
        series = self.opened(features, source)
        texts = texts_of(series if rows is None else series[rows], source)
        return words.encode(self._tokenizer, texts, self.length)

    def to_json(self) -> dict[str, Any]:
        """See :meth:`Encoder.to_json`; the tokenizer has a file of its own."""
        return {"encoder": "text", "column": self.column, "length": self.length}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "TextEncoder":
        """See :meth:`Encoder.from_json`; ``tokenizer`` is the content of its file."""
        return cls(fields["column"], int(fields["length"]), words.load(fields["tokenizer"]))


def fit_text(series: pl.Series, tokenizer: Tokenizer, length: Any, source: str) -> TextEncoder:
    """Fit the encoder of a column on its training rows: what is left to fit is the length."""
    if length == "auto":
        length = int(words.lengths(tokenizer, texts_of(series, source), LONGEST).max())
    return TextEncoder(series.name, length, tokenizer)


def column_of(features: Any, name: str, source: str) -> pl.Series:
    """Return the column of texts in a frame, or texts that are given alone.

    Raises:
      DataError: the frame has no such column; something else than a frame, or one text a row, is given.
    """
    if isinstance(features, pl.Series):
        return features.alias(name)
    if hasattr(features, "columns") or hasattr(features, "column_names"):
        frame = as_frame(features, source)
        if name not in frame.columns:
            raise DataError(f"{source}: column '{name}' is missing{instead(name, frame.columns, 'Columns')}")
        return frame[name]
    cells = np.asarray(features, object)
    if cells.ndim != 1 or isinstance(features, str):
        found = "one text" if isinstance(features, str) else f"shape {cells.shape}"
        raise DataError(
            f"{source}: found {found}, expected a table with the column '{name}', or a list of texts"
        )
    try:
        return pl.Series(name, cells.tolist(), pl.String)
    except TypeError:
        raise DataError(f"{source}: found cells that are no text, expected a list of texts") from None


def texts_of(series: pl.Series, source: str) -> Sequence[str]:
    """Return a column's cells as texts, "" where one is missing.

    Raises:
      DataError: the column holds numbers or the like.
    """
    series = plain(series)
    if series.dtype != pl.String:
        raise DataError(f"{source}: column '{series.name}' holds {type_name(series)}, expected text")
    return series.fill_null("").to_list()
