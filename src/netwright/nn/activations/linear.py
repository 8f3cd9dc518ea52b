"""The identity."""

import math

import jax
import jax.numpy as jnp

from netwright.nn._activation import Activation


def _function(x: jax.Array) -> jax.Array:
    return x


def _derivative(x: jax.Array) -> jax.Array:
    return jnp.ones_like(x)


linear = Activation(
    _function,
    _derivative,
    low=-math.inf,
    high=math.inf,
    zero_centred=True,
    initializer="xavier_uniform",
    monotone=True,
)
"""g(x) = x: a layer without a bend."""
