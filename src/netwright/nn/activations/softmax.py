"""The softmax over the last axis."""

import jax
import jax.numpy as jnp

from netwright.nn._activation import Activation


def _function(x: jax.Array) -> jax.Array:
    return jax.nn.softmax(x)


def _derivative(x: jax.Array) -> jax.Array:
    p = jax.nn.softmax(x)
    return jnp.vectorize(lambda row: jnp.diag(row) - jnp.outer(row, row), signature="(k)->(k,k)")(p)


softmax = Activation(
    _function, _derivative, low=0.0, high=1.0, zero_centred=False, initializer="xavier_uniform"
)
"""eˣᵏ / Σⱼ eˣʲ over the last axis, without overflow. Each output depends on each input: its ``derivative``
is the Jacobian diag(p) − p pᵀ, of shape (…, K, K)."""
