"""The sigmoid linear unit (swish)."""

import math

import jax

from netwright.nn._activation import Activation


def _function(x: jax.Array) -> jax.Array:
    return jax.nn.silu(x)


def _derivative(x: jax.Array) -> jax.Array:
    return jax.nn.sigmoid(x) * (1 + x * jax.nn.sigmoid(-x))


silu = Activation(
    _function,
    _derivative,
    low=-0.27846454276107380,
    high=math.inf,
    zero_centred=False,
    initializer="he_normal",
)
"""x σ(x), with derivative σ(x)(1 + x(1 − σ(x))) (Elfwing et al., 2018)."""
