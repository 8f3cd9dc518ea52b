"""The exponential linear unit."""

import math

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.nn._activation import Activation


def _function(x: jax.Array, alpha: ArrayLike = 1.0) -> jax.Array:
    return jnp.where(x > 0, x, alpha * jnp.expm1(jnp.minimum(x, 0)))


def _derivative(x: jax.Array, alpha: ArrayLike = 1.0) -> jax.Array:
    return jnp.where(x > 0, 1, alpha * jnp.exp(jnp.minimum(x, 0)))


elu = Activation(
    _function,
    _derivative,
    low=-1.0,
    high=math.inf,
    zero_centred=False,
    initializer="he_normal",
    monotone=True,
)
"""x for x > 0 and α(eˣ − 1) below, so the range starts at −α (Clevert et al., 2016)."""
