"""The leaky rectified linear unit."""

import math

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.nn._activation import Activation


def _function(x: jax.Array, slope: ArrayLike = 0.01) -> jax.Array:
    return jnp.where(x >= 0, x, slope * x)


def _derivative(x: jax.Array, slope: ArrayLike = 0.01) -> jax.Array:
    return jnp.where(x >= 0, 1, slope).astype(x.dtype)


leaky_relu = Activation(
    _function,
    _derivative,
    low=-math.inf,
    high=math.inf,
    zero_centred=False,
    initializer="he_normal",
    monotone=True,
)
"""x for x ≥ 0 and slope·x below (Maas et al., 2013)."""
