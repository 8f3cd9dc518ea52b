"""Features that are texts, alone or beside other columns of a table."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.data.encoder import Encoder
from netwright.data.schema import Column
from netwright.data.several import SeveralEncoder
from netwright.data.table import Table
from netwright.data.text.text_encoder import VOCABULARY, column_of, fit_text, texts_of
from netwright.data.text.tokenizer import train


class Texts:
    """Columns of texts, and a table of the other columns.

    Attributes:
      names: the columns of texts.
    """

    def __init__(self, texts: pl.DataFrame, table: Table) -> None:
        self.names = tuple(texts.columns)
        self._texts, self._table = texts, table

    @classmethod
    def of_frame(
        cls,
        frame: pl.DataFrame,
        names: Sequence[str],
        source: str,
        kinds: dict[str, str],
        others: tuple[str, ...],
    ) -> "Texts":
        """Take a frame apart; columns that are no texts are read as those of a table.

        Raises:
          DataError: a column of texts holds numbers, or no text at all; see also :meth:`Table.inferred`.
        """
        columns = [pl.Series(name, texts_of(frame[name], source)) for name in names]
        for column in columns:
            if not column.str.contains(r"\S").any():
                raise DataError(
                    f"{source}: column '{column.name}' holds no text, every cell is empty; choose another "
                    "(text=, --text)"
                )
        cells = frame.drop(names).get_columns()
        return cls(pl.DataFrame(columns), Table.inferred(cells, source, kinds, (*others, *names)))

    @classmethod
    def of_parts(cls, parts: dict[str, Any]) -> "Texts":
        """Join lists of texts."""
        columns = [column_of(X, "text", source) for source, X in parts.items()]
        frame = pl.DataFrame([pl.concat(columns)])
        return cls.of_frame(frame, ["text"], "X", {}, ())

    @property
    def content(self) -> pl.DataFrame:
        """What the fitted encoder transforms."""
        return pl.concat([self._texts, self._table.content], how="horizontal")

    def __len__(self) -> int:
        return len(self._texts)

    def take(self, rows: NDArray[np.int64]) -> pl.DataFrame:
        """Return the features of some rows."""
        return self.content[rows]

    def column(self, name: str) -> NDArray[Any]:
        """Return one column, to split by; no cell of it is missing."""
        return self._table.column(name)

    def times(self, name: str) -> NDArray[Any]:
        """Return one column, to order the rows by; DataError when it has no order in time."""
        return self._table.times(name)

    def columns(self) -> tuple[Column, ...]:
        """Return what each column holds."""
        return (*(self._described(name) for name in self.names), *self._table.columns())

    def _described(self, name: str) -> Column:
        words = self._texts[name].str.count_matches(r"\S+")
        empty = int((words == 0).sum())
        return Column(name, "text", missing=empty, values=f"{words.min()} … {words.max()} words")

    def digest(self, update: Any) -> None:
        """Feed the content to a hash."""
        Table(self._texts, (), ()).digest(update)
        self._table.digest(update)

    def fit(
        self, rows: NDArray[np.int64], controls: DataControls, *, embeddings: bool, left_out: str | None
    ) -> Encoder:
        """Fit the encoder on the training rows: one vocabulary for all columns of texts."""
        train_rows = self._texts[rows]
        vocabulary = VOCABULARY if controls.vocabulary == "auto" else controls.vocabulary
        tokenizer = train(_cells(train_rows), vocabulary)
        parts: list[Encoder] = [
            fit_text(train_rows[name], tokenizer, controls.length, "training rows") for name in self.names
        ]
        if any(column.used and column.name != left_out for column in self._table.columns()):
            parts.append(self._table.fit(rows, controls, embeddings=embeddings, left_out=left_out))
        return parts[0] if len(parts) == 1 else SeveralEncoder(parts)


def _cells(frame: pl.DataFrame) -> Iterator[str]:
    return (text for series in frame for text in series)
