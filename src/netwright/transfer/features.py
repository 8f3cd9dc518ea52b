"""Feature extraction: a frozen backbone as the last part of the encoder, so that any model of tables learns from it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jax
import numpy as np
from flax import nnx
from numpy.typing import NDArray

from netwright.core.layout import Layout
from netwright.data.encoder import Encoder
from netwright.nn.skeleton import split
from netwright.transfer.backbone import Backbone

AT_ONCE = {"text": 64, "image": 16}
"""Rows of one forward pass."""
ENCODED = 1 << 26
"""Numbers that are encoded before their features are computed."""
SHORTEST = 16
"""Tokens of the shortest texts; longer ones are cut to powers of two, so that few programs are compiled."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Known:
    """Features computed before: ``places`` has the row of ``features`` (m, width) for the digest of an encoded row."""

    places: Mapping[bytes, int] = field(default_factory=dict)
    features: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))


class FeatureEncoder(Encoder):
    """x = (features − center) / scale, float32 (m, width), of what a backbone makes of encoded rows.

    Attributes:
      inner: encodes the rows as the backbone wants them.
      backbone: maps them to features.
      center, scale: (width,), fitted on the training rows.
    """

    def __init__(
        self, inner: Encoder, backbone: Backbone, center: Floats, scale: Floats, known: Known | None = None
    ) -> None:
        self.inner, self.backbone = inner, backbone
        self.center, self.scale = center, scale
        self.layout = Layout("table", (backbone.width,))
        self.feature_names = [f"feature {place}" for place in range(backbone.width)]
        self._known = Known() if known is None else known

    @property
    def tokenizer(self) -> str | None:
        """See :attr:`Encoder.tokenizer`."""
        return self.inner.tokenizer

    def opened(self, features: Any, source: str = "data") -> Any:
        """See :meth:`Encoder.opened`."""
        return self.inner.opened(features, source)

    def transform(
        self, features: Any, *, rows: NDArray[np.int64] | None = None, source: str = "data"
    ) -> Floats:
        """See :meth:`Encoder.transform`."""
        content = self.inner.opened(features, source)
        rows = np.arange(len(content)) if rows is None else rows
        out = np.empty((len(rows), self.backbone.width), np.float32)
        for part in parts(len(rows), self.inner.n_in):
            x = self.inner.transform(content, rows=rows[part], source=source)
            out[part] = (self._features(x) - self.center) / self.scale
        return out

    def to_json(self) -> dict[str, Any]:
        """See :meth:`Encoder.to_json`; the weights have a file of their own."""
        words = {"name", "family", "config", "width", "kind", "fingerprint", "groups"}
        backbone = {name: value for name, value in vars(self.backbone).items() if name in words}
        return {
            "encoder": "features",
            "inner": self.inner.to_json(),
            "backbone": backbone,
            "center": self.center.tolist(),
            "scale": self.scale.tolist(),
        }

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return the backbone's parameters and running averages by name."""
        _, params, rest = split(nnx.clone(self.backbone.module))
        return {name: np.asarray(array) for name, array in (params | rest).items()}

    def _features(self, x: Floats) -> Floats:
        """Return what is known of the rows, and compute the rest."""
        places = [self._known.places.get(digest, -1) for digest in digests(x)]
        unknown = [row for row, place in enumerate(places) if place < 0]
        out = np.empty((len(x), self.backbone.width), np.float32)
        found = [row for row, place in enumerate(places) if place >= 0]
        out[found] = self._known.features[[places[row] for row in found]] if found else 0
        out[unknown] = compute(self._forward, self.backbone, x[unknown])
        return out

    @cached_property
    def _forward(self) -> Callable[[Floats], jax.Array]:
        return forward_of(self.backbone)


def forward_of(backbone: Backbone) -> Callable[[Floats], jax.Array]:
    """Return the backbone's compiled forward pass, in evaluation mode."""
    graph, state = nnx.split(backbone.module)
    run = jax.jit(lambda state, x: nnx.merge(graph, state)(x))
    return lambda x: run(state, x)


def compute(forward: Callable[[Floats], Any], backbone: Backbone, x: Floats) -> Floats:
    """Return the features (m, width) of encoded rows; texts of like length share a pass."""
    out = np.empty((len(x), backbone.width), np.float32)
    at_once = AT_ONCE[backbone.kind]
    lengths = (x > 0).sum(axis=1) if backbone.kind == "text" else np.zeros(len(x), np.int64)
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(x), at_once):
        rows = order[start : start + at_once]
        # A pass has always as many rows: another number would be another program.
        whole = x[np.resize(rows, at_once)]
        if backbone.kind == "text":
            longest = max(SHORTEST, 1 << int(lengths[rows].max() - 1).bit_length())
            whole = whole[:, : min(longest, x.shape[1])]
        out[rows] = np.asarray(forward(whole))[: len(rows)]
    return out


def digests(x: Floats) -> list[bytes]:
    """Return a digest of each encoded row."""
    return [hashlib.blake2b(np.ascontiguousarray(row).data, digest_size=16).digest() for row in x]


def parts(rows: int, numbers: int) -> list[slice]:
    """Return slices of rows that are few enough to be encoded at once."""
    step = max(1, ENCODED // numbers)
    return [slice(start, start + step) for start in range(0, rows, step)]
