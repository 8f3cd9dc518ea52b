"""The encoder of several inputs: each part encodes the same rows, and their numbers stand one after another."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.core.layout import Layout
from netwright.data.arrays import shared_empty
from netwright.data.encoder import Encoder
from netwright.data.frames import as_frame


class SeveralEncoder(Encoder):
    """What each part encodes, raveled, one after another; :attr:`Layout.parts` says where each begins."""

    def __init__(self, parts: Sequence[Encoder]) -> None:
        self.parts = list(parts)
        self.feature_names = []
        layouts = tuple(part.layout for part in self.parts)
        self.layout = Layout("several", (sum(layout.size for layout in layouts),), parts=layouts)

    @property
    def tokenizer(self) -> str | None:
        """See :attr:`Encoder.tokenizer`; all columns of texts share it."""
        return next((part.tokenizer for part in self.parts if part.tokenizer is not None), None)

    def opened(self, features: Any, source: str = "data") -> Any:
        """See :meth:`Encoder.opened`."""
        frame = as_frame(features, source)
        for part in self.parts:
            part.opened(frame, source)
        return frame

    def transform(
        self, features: Any, *, rows: NDArray[np.int64] | None = None, source: str = "data"
    ) -> NDArray[np.float32]:
        """See :meth:`Encoder.transform`; every part reads the same features."""
        features = self.opened(features, source) if rows is None else features
        count = len(features) if rows is None else len(rows)
        out = shared_empty((count, self.n_in))
        start = 0
        for part in self.parts:
            stop = start + part.n_in
            out[:, start:stop] = part.transform(features, rows=rows, source=source).reshape(count, -1)
            start = stop
        return out

    def to_json(self) -> dict[str, Any]:
        """See :meth:`Encoder.to_json`."""
        return {"encoder": "several", "parts": [part.to_json() for part in self.parts]}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "SeveralEncoder":
        """See :meth:`Encoder.from_json`; parts of texts share the tokenizer."""
        shared = {"tokenizer": fields.get("tokenizer")}
        return cls([Encoder.from_json({**part, **shared}) for part in fields["parts"]])
