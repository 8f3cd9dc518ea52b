"""The front of a network that reads step by step."""

import jax
from flax import nnx

from netwright.core.layout import Layout
from netwright.nn.embedding import Embedding


class Steps(nnx.Module):
    """Turns an example into the numbers of its steps and the mask of its real ones.

    A masked sequence gives up its last channel; a text's codes become learned vectors of ``features`` numbers.
    """

    def __init__(self, layout: Layout, features: int, rngs: nnx.Rngs) -> None:
        text = layout.kind == "text"
        self.tokens = Embedding(layout.vocabulary, features, rngs=rngs) if text else None
        self.masked = layout.masked
        self.n_out = features if text else layout.shape[-1] - layout.masked

    def __call__(self, x: jax.Array) -> tuple[jax.Array, jax.Array | None]:
        """Map ``x`` (m, T, C) or (m, T) to steps (m, T, n_out) and a mask (m, T), None when all are real."""
        if self.tokens:
            return self.tokens(x), x > 0
        if self.masked:
            return x[..., :-1], x[..., -1] > 0
        return x, None
