"""The softplus."""

import math

import jax

from netwright.nn._activation import Activation


def _function(x: jax.Array) -> jax.Array:
    return jax.nn.softplus(x)


def _derivative(x: jax.Array) -> jax.Array:
    return jax.nn.sigmoid(x)


softplus = Activation(
    _function,
    _derivative,
    low=0.0,
    high=math.inf,
    zero_centred=False,
    initializer="he_normal",
    monotone=True,
)
"""log(1 + eˣ), without overflow; its derivative is the sigmoid."""
