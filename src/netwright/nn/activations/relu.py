"""The rectified linear unit."""

import math

import jax

from netwright.nn._activation import Activation


def _function(x: jax.Array) -> jax.Array:
    return jax.nn.relu(x)


def _derivative(x: jax.Array) -> jax.Array:
    return (x > 0).astype(x.dtype)


relu = Activation(
    _function, _derivative, low=0.0, high=math.inf, zero_centred=False, initializer="he_normal", monotone=True
)
"""max(0, x), with derivative 1 for x > 0 and 0 elsewhere (Nair and Hinton, 2010)."""
