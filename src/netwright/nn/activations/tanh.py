"""The hyperbolic tangent."""

import jax
import jax.numpy as jnp

from netwright.nn._activation import Activation


def _function(x: jax.Array) -> jax.Array:
    return jnp.tanh(x)


def _derivative(x: jax.Array) -> jax.Array:
    t = jnp.tanh(x)
    return (1 - t) * (1 + t)


tanh = Activation(
    _function, _derivative, low=-1.0, high=1.0, zero_centred=True, initializer="xavier_uniform", monotone=True
)
"""tanh x, with derivative 1 − tanh²x."""
