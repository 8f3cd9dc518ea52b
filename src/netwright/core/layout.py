"""What one encoded example is: the word between the encoder that writes it and the model that reads it."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["table", "image", "sequence", "text", "several", "array"]


@dataclass(frozen=True)
class Layout:
    """One encoded example x, always float32 of one shape.

    Attributes:
      kind: "table": (n,) numbers. "image": (H, W, C), or (H, W) with one channel. "sequence": (T, C) numbers.
        "text": (T,) token codes from 1 on, 0 after the end. "several": (n,), the ``parts`` raveled one after
        another. "array": any other shape, for modules of a user's own.
      shape: the shape of x.
      embeddings: table only: (column, levels) of the columns that hold category codes, the last ones of x.
      masked: sequence only: the last channel is 1 at steps that exist and 0 at padding, whose numbers are 0.
      vocabulary: text only: codes in use, the 0 of the padding included.
      parts: several only: the layout of each input.
    """

    kind: Kind
    shape: tuple[int, ...]
    embeddings: tuple[tuple[int, int], ...] = ()
    masked: bool = False
    vocabulary: int = 0
    parts: "tuple[Layout, ...]" = ()

    @property
    def size(self) -> int:
        """Numbers in one example."""
        return math.prod(self.shape)

    @property
    def codes(self) -> tuple[int, ...]:
        """Places in the raveled example that hold codes, which measure nothing."""
        if self.kind == "text":
            return tuple(range(self.size))
        found = [column for column, _ in self.embeddings]
        start = 0
        for part in self.parts:
            found += [start + place for place in part.codes]
            start += part.size
        return tuple(found)

    @property
    def levels(self) -> tuple[int, ...]:
        """How many codes each embedded column and each text has, those of the parts included."""
        own = (*(levels for _, levels in self.embeddings), *([self.vocabulary] if self.vocabulary else []))
        return own + tuple(levels for part in self.parts for levels in part.levels)

    def to_json(self) -> dict[str, Any]:
        """Return the layout as JSON; :meth:`from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Layout":
        """Read a layout from JSON."""
        shape: tuple[int, ...] = tuple(fields["shape"])
        embeddings: tuple[tuple[int, int], ...] = tuple((c, n) for c, n in fields["embeddings"])
        parts = tuple(cls.from_json(part) for part in fields["parts"])
        whole: dict[str, Any] = {**fields, "shape": shape, "embeddings": embeddings, "parts": parts}
        return cls(**whole)
