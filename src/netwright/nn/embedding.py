"""Learned vectors for token codes and for places in a sequence."""

import jax
import jax.numpy as jnp
from flax import nnx

SPREAD = 0.02
"""Standard deviation of the vectors at the start, as in BERT and GPT-2 (Devlin et al. 2019; Radford et al. 2019)."""


class Embedding(nnx.Module):
    """A vector for each of ``vocabulary`` codes."""

    def __init__(self, vocabulary: int, features: int, *, spread: float = SPREAD, rngs: nnx.Rngs) -> None:
        self.embedding = nnx.Param(spread * jax.random.normal(rngs.params(), (vocabulary, features)))

    def __call__(self, codes: jax.Array) -> jax.Array:
        """Map ``codes`` (m, T), whole numbers stored as floats, to vectors (m, T, features)."""
        # In bounds by construction: the encoder writes no code at or above the vocabulary.
        return self.embedding[...].at[codes.astype(jnp.int32)].get(mode="promise_in_bounds")


class Positions(nnx.Module):
    """A vector for each of T places, added to what stands there."""

    def __init__(self, steps: int, features: int, *, rngs: nnx.Rngs) -> None:
        self.embedding = nnx.Param(SPREAD * jax.random.normal(rngs.params(), (steps, features)))

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, T, features) to the same plus the place's vector."""
        return x + self.embedding[...][None].astype(x.dtype)
