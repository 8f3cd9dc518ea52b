"""Absolute error."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.losses._arrays import pair, rows

TASKS = ("regression",)


def mae(outputs: ArrayLike, targets: ArrayLike) -> jax.Array:
    """Return |y − ŷ| for each example: (m,), the mean over k when outputs and targets are (m, k).

    The subgradient at ŷ = y is 0.

    Raises:
      DataError: outputs and targets differ in shape.
    """
    outputs, targets = pair("mae", outputs, targets)
    error = targets - outputs
    return rows(error * jnp.sign(error))  # jnp.abs has slope 1 at 0
