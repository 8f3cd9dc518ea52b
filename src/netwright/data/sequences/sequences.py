"""Features that are sequences."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.data.places import instead
from netwright.data.schema import Column
from netwright.data.sequences.long_form import LongForm
from netwright.data.sequences.ragged import Ragged
from netwright.data.sequences.sequence_encoder import LONGEST, SequenceEncoder, fit_sequences


class Sequences:
    """Sequences, and how a table was turned into them when they come from one."""

    def __init__(self, content: Ragged, long_form: LongForm | None = None) -> None:
        self.content, self.long_form = content, long_form

    @classmethod
    def of_parts(cls, parts: dict[str, Any]) -> "Sequences":
        """Join arrays of sequences; the first decides how many channels there are."""
        read = {source: Ragged.of(X, source) for source, X in parts.items()}
        width = len(read["X"].channels)
        for source, part in read.items():
            if len(part.channels) != width:
                raise DataError(f"{source}: found {len(part.channels)} channels, expected {width} as in X")
        values, lengths = (
            np.concatenate([getattr(part, name) for part in read.values()]) for name in ("values", "lengths")
        )
        return cls(Ragged(values, lengths, read["X"].channels))

    def __len__(self) -> int:
        return len(self.content)

    def take(self, rows: NDArray[np.int64]) -> Ragged:
        """Return the sequences of some rows."""
        return self.content.take(rows)

    def column(self, name: str) -> NDArray[Any]:
        """Return a value of each sequence, to split by; no cell of it is missing."""
        keys = self.content.keys
        if name not in keys.columns:
            raise DataError(f"data.split_column: no column '{name}'{instead(name, keys.columns)}")
        if keys[name].null_count():
            raise DataError(f"data.split_column: '{name}' is missing in some sequences; drop those rows")
        return keys[name].rank("dense").to_numpy()

    def times(self, name: str) -> NDArray[Any]:
        """Return a value of each sequence, to order them by; DataError when it is text."""
        ranks = self.column(name)
        if self.content.keys[name].dtype == pl.String:
            raise DataError(
                f"data.split_column: '{name}' is text, which has no order in time; write dates, or times as numbers"
            )
        return ranks

    def columns(self) -> tuple[Column, ...]:
        """Return what each channel holds; first the identifier of the sequences."""
        ragged = self.content
        low, high = (
            np.fmin.reduce(ragged.values, axis=0).tolist(),
            np.fmax.reduce(ragged.values, axis=0).tolist(),
        )
        gaps = np.isnan(ragged.values).sum(axis=0).tolist()
        named = (
            [Column(self.long_form.sequence, "identifier", False, note="names the sequences")]
            if self.long_form
            else []
        )
        steps = f"{ragged.lengths.min()} … {ragged.lengths.max()} steps" if len(ragged) else ""
        channels = (
            Column(name, "sequence", missing=missing, values=f"{a:g} … {b:g}", note=steps)
            for name, missing, a, b in zip(ragged.channels, gaps, low, high, strict=True)
        )
        return (*named, *channels)

    def notes(self) -> tuple[str, ...]:
        """Return what a user should know of the lengths."""
        longer = int((self.content.lengths > LONGEST).sum())
        if not longer:
            return ()
        return (
            f"{longer:,} sequences have more than {LONGEST:,} steps; the first {LONGEST:,} are read (data.length)",
        )

    def digest(self, update: Callable[[Any], None]) -> None:
        """Feed the content to a hash."""
        ragged = self.content
        update(f"{ragged.channels}{ragged.values.dtype.str}{ragged.values.shape}".encode())
        for part in (ragged.lengths, ragged.values):
            update(np.ascontiguousarray(part).data)

    def fit(
        self, rows: NDArray[np.int64], controls: DataControls, *, embeddings: bool, left_out: str | None
    ) -> SequenceEncoder:
        """Fit the encoder on the training rows."""
        del embeddings, left_out  # a channel is neither a category nor a group
        return fit_sequences(self.content, rows, controls, self.long_form)
