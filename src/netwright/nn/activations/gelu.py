"""The Gaussian error linear unit."""

import math

import jax
import jax.numpy as jnp

from netwright.nn._activation import Activation


def _function(x: jax.Array) -> jax.Array:
    return jax.nn.gelu(x, approximate=False)


def _derivative(x: jax.Array) -> jax.Array:
    distribution = 0.5 * jax.lax.erfc(-x * math.sqrt(0.5))
    return distribution + x * jnp.exp(-0.5 * x**2) / math.sqrt(2 * math.pi)


gelu = Activation(
    _function,
    _derivative,
    low=-0.16997120747990369,
    high=math.inf,
    zero_centred=False,
    initializer="he_normal",
)
"""x Φ(x) with Φ the normal distribution function, exact and not by tanh; derivative Φ(x) + x φ(x)
(Hendrycks and Gimpel, 2016)."""
