"""Pooling layers of convolutional networks; they have no parameters."""

import jax
import jax.numpy as jnp

from netwright.nn._activation import Activation
from netwright.nn.kernels.pool import max_pool
from netwright.nn.one_by_one import asked_one_by_one

__all__ = ["activated_max_pool", "global_average", "max_pool"]


def activated_max_pool(activation: Activation, z: jax.Array, *, precision: str = "float32") -> jax.Array:
    """Return ``max_pool(g(z))`` of ``z`` (m, H, W, C), windows 2 × 2: (m, ⌊H/2⌋, ⌊W/2⌋, C).

    A g that never falls may as well follow the maximum, on a fourth of the numbers; the slope goes to the same one.
    """
    if activation.monotone and not asked_one_by_one():
        return activation(max_pool(z, precision=precision))
    return max_pool(activation(z), precision=precision)


def global_average(x: jax.Array) -> jax.Array:
    """Return the mean of each channel of ``x`` (m, H, W, C) over the image: (m, C).

    Reference: Lin et al. (2014), "Network in network", section 3.2.
    """
    return jnp.mean(x, axis=(1, 2))
