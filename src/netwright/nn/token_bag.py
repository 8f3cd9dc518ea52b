"""A dense layer on the bag of a text's words."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.nn.initializers.uniform import uniform
from netwright.nn.kernels.token_sum import token_sum


class TokenBag(nnx.Module):
    """``z = Σ_t r(c_t) W[c_t] / √(Σ_t r(c_t)²) + b`` over the tokens c_t of a text, ``r(c) = log(2 + c)``.

    That is a dense layer on the text as a row of V numbers of length 1, most of them 0. r weighs rare words more:
    codes count up as words get rarer, and by Zipf's law word c stands in about 1/c as many texts as the first, so
    that r(c) is its inverse document frequency but for a constant (Spärck Jones 1972).

    The kernel starts as U(−0.01, 0.01): near 0, so that a word seen never or once says next to nothing. The fans
    say nothing here, since V numbers of length 1 come in.

    Args:
      vocabulary: V, the code 0 of padding included; n_out: units.
      kernel: its initializer, or None for U(−0.01, 0.01); bias: the constant biases start at.
      rngs: NNX random streams.
    """

    def __init__(
        self, vocabulary: int, n_out: int, *, kernel: Any = None, bias: float = 0.0, rngs: nnx.Rngs
    ) -> None:
        draw = uniform() if kernel is None else kernel
        self.kernel = nnx.Param(draw(rngs.params(), (vocabulary, n_out), jnp.float32))
        self.bias = nnx.Param(jnp.full(n_out, bias, jnp.float32))

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, T), codes stored as floats with 0 at padding, to z (m, n_out); no token gives b."""
        weights = jnp.where(x > 0, jnp.log(2 + x), jnp.zeros((), x.dtype))
        length = jnp.sqrt(jnp.sum(jnp.square(weights), axis=1, keepdims=True))
        weights = weights / jnp.maximum(length, jnp.finfo(x.dtype).tiny)
        return token_sum(self.kernel[...], x.astype(jnp.int32), weights) + self.bias[...][None]
