"""Pooling layers of convolutional networks; they have no parameters."""

import jax
import jax.numpy as jnp

from netwright.nn.kernels.pool import max_pool

__all__ = ["global_average", "max_pool"]


def global_average(x: jax.Array) -> jax.Array:
    """Return the mean of each channel of ``x`` (m, H, W, C) over the image: (m, C).

    Reference: Lin et al. (2014), "Network in network", section 3.2.
    """
    return jnp.mean(x, axis=(1, 2))
