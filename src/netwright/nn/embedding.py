"""Learned vectors for token codes and for places in a sequence.

They start at the size of standardized inputs, as Vaswani et al. (2017), sections 3.4 and 3.5, have them: tokens with
a deviation of 1, places with that of sines and cosines. Starts of 0.02 as in BERT and GPT-2, whose kernels are as
small, drown in what the blocks add.
"""

import math

import jax
import jax.numpy as jnp
from flax import nnx

PLACES = math.sqrt(0.5)
"""The deviation of a place's numbers."""


class Embedding(nnx.Module):
    """A vector for each of ``vocabulary`` codes, whose numbers start at N(0, deviation²)."""

    def __init__(self, vocabulary: int, features: int, *, deviation: float = 1.0, rngs: nnx.Rngs) -> None:
        self.embedding = nnx.Param(deviation * jax.random.normal(rngs.params(), (vocabulary, features)))

    def __call__(self, codes: jax.Array) -> jax.Array:
        """Map ``codes`` (m, T), whole numbers stored as floats, to vectors (m, T, features)."""
        # In bounds by construction: the encoder writes no code at or above the vocabulary.
        return self.embedding[...].at[codes.astype(jnp.int32)].get(mode="promise_in_bounds")


class Positions(nnx.Module):
    """A vector for each of up to ``steps`` places, added to what stands there."""

    def __init__(self, steps: int, features: int, *, deviation: float = PLACES, rngs: nnx.Rngs) -> None:
        self.embedding = nnx.Param(deviation * jax.random.normal(rngs.params(), (steps, features)))

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, T, features) to the same plus the place's vector."""
        return x + self.embedding[...][None, : x.shape[1]].astype(x.dtype)
