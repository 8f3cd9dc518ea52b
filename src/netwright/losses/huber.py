"""Huber's loss: squared near the target, linear far from it."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.core.errors import ControlError
from netwright.losses._arrays import pair, rows

TASKS = ("regression",)


def huber(outputs: ArrayLike, targets: ArrayLike, delta: ArrayLike = 1.0) -> jax.Array:
    """Return ½e² where |e| ≤ δ and δ(|e| − ½δ) beyond, with e = y − ŷ, for each example.

    Args:
      outputs: (m,) or (m, k).
      targets: the same shape.
      delta: δ > 0, in the units of the target.

    Returns:
      (m,), the mean over k.

    Raises:
      DataError: outputs and targets differ in shape.
      ControlError: δ is not above 0.

    Reference: Huber, "Robust estimation of a location parameter", 1964.
    """
    if isinstance(delta, int | float) and not delta > 0:
        raise ControlError(f"huber: delta is {delta}; expected a number above 0")
    outputs, targets = pair("huber", outputs, targets)
    size = jnp.abs(targets - outputs)
    near = jnp.minimum(size, jnp.asarray(delta, size.dtype))
    return rows(0.5 * near**2 + delta * (size - near))
