"""The encoder of a table: one column encoder for each used column, embeddings last."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netwright.core.controls import DataControls
from netwright.core.errors import DataError
from netwright.core.layout import Layout
from netwright.core.names import listed, nearest
from netwright.data.arrays import shared_empty
from netwright.data.blocks import blocks
from netwright.data.column_encoders import Codes, Levels, Numbers, OneHot
from netwright.data.encoder import Encoder
from netwright.data.frames import as_frame
from netwright.data.schema import Column

MOST_ONE_HOT_LEVELS = 12
MOST_ONE_HOT_COLUMNS = 256
ColumnEncoder = Numbers | OneHot | Codes
_KINDS: dict[str, type[ColumnEncoder]] = {kind.encoder: kind for kind in (Numbers, OneHot, Codes)}


class TableEncoder(Encoder):
    """Checks a table's columns against training and encodes them, a block of rows at a time.

    Attributes:
      columns: the columns of the training table in their order, left-out ones included; an array of as many
        columns is read by position.
      others: further columns that a table may have, such as the target.
    """

    def __init__(self, parts: list[ColumnEncoder], columns: tuple[str, ...], others: tuple[str, ...]) -> None:
        self.parts = sorted(parts, key=lambda part: isinstance(part, Codes))
        self.columns, self.others = columns, others
        self.feature_names = [name for part in self.parts for name in part.names]
        codes = [part for part in self.parts if isinstance(part, Codes)]
        first = len(self.feature_names) - len(codes)
        embeddings = tuple((first + i, part.levels.count) for i, part in enumerate(codes))
        self.layout = Layout("table", (len(self.feature_names),), embeddings)

    def transform(
        self, features: Any, *, rows: NDArray[np.int64] | None = None, source: str = "data"
    ) -> NDArray[np.float32]:
        """See :meth:`Encoder.transform`."""
        frame = self.opened(features, source)
        count = len(frame) if rows is None else len(rows)
        out = shared_empty((count, self.n_in))
        for block in blocks(count):
            cells = frame[block] if rows is None else frame[rows[block]]
            first_row = block.start if rows is None else int(rows[block.start])
            start = 0
            for part in self.parts:
                stop = start + len(part.names)
                part.write(cells[part.column.name], out[block, start:stop], source, first_row)
                start = stop
        return out

    def opened(self, features: Any, source: str = "data") -> pl.DataFrame:
        """See :meth:`Encoder.opened`: the used columns of ``features``."""
        frame = as_frame(features, source, self.columns)
        used = [part.column.name for part in self.parts]
        missing = [name for name in used if name not in frame.columns]
        known = {*self.columns, *self.others}
        unknown = [name for name in frame.columns if name not in known]
        if missing:
            raise DataError(
                f"{source}: column '{missing[0]}' is missing{nearest(missing[0], unknown) or '.'} "
                f"Expected the columns of training: {listed(used)}."
            )
        if unknown:
            raise DataError(
                f"{source}: column '{unknown[0]}' was not there in training{nearest(unknown[0], used) or '.'} "
                "Remove it, or train with it."
            )
        return frame.select(used)

    def to_json(self) -> dict[str, Any]:
        """See :meth:`Encoder.to_json`."""
        return {
            "encoder": "table",
            "parts": [part.to_json() for part in self.parts],
            "columns": list(self.columns),
            "others": list(self.others),
        }

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "TableEncoder":
        """See :meth:`Encoder.from_json`."""
        parts = [_KINDS[part["encoder"]].from_json(part) for part in fields["parts"]]
        return cls(parts, tuple(fields["columns"]), tuple(fields["others"]))


def fit_table(
    frame: pl.DataFrame,
    columns: list[Column],
    rows: NDArray[np.int64],
    controls: DataControls,
    *,
    embeddings: bool,
    others: tuple[str, ...],
) -> TableEncoder:
    """Fit a :class:`TableEncoder` on the training rows of ``frame``, one column in memory at a time.

    A level is rare below min(``rare_level``, max(1, training rows // 100)) rows, so that a small table keeps
    its levels. A column with more than 12 codes is embedded when the network can; otherwise it is one-hot,
    with at most its 256 most frequent levels.
    """
    parts: list[ColumnEncoder] = []
    least = min(controls.rare_level, max(1, len(rows) // 100))
    for column in columns:
        train = frame[column.name][rows]
        if column.kind != "categorical":
            parts.append(Numbers.fit(column, train, controls.normalize, indicator=controls.missing_indicator))
            continue
        levels = Levels.fit(column, train, least)
        few = controls.categories == "auto" and levels.count <= MOST_ONE_HOT_LEVELS
        if embeddings and controls.categories != "onehot" and not few:
            parts.append(Codes(levels))
        else:
            parts.append(OneHot(Levels.fit(column, train, least, MOST_ONE_HOT_COLUMNS)))
    return TableEncoder(parts, tuple(frame.columns), others)
