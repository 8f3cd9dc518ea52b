"""Squared error."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.losses._arrays import pair, rows

TASKS = ("regression",)


def mse(outputs: ArrayLike, targets: ArrayLike) -> jax.Array:
    """Return (y − ŷ)² for each example: (m,), the mean over k when outputs and targets are (m, k).

    Raises:
      DataError: outputs and targets differ in shape.
    """
    outputs, targets = pair("mse", outputs, targets)
    return rows(jnp.square(targets - outputs))
