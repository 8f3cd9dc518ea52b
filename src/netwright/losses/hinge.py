"""The hinge loss, binary and multiclass."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.losses._arrays import classes, floating, pair

TASKS = ("binary", "multiclass")


def hinge(outputs: ArrayLike, targets: ArrayLike) -> jax.Array:
    """Return max(0, 1 − y·f(x)) for each example, y ∈ {−1, +1}; with K outputs the Crammer–Singer form.

    The multiclass form is max(0, 1 + max_{j≠y} f_j(x) − f_y(x)).

    Args:
      outputs: scores (m,), or (m, K).
      targets: (m,). For scores (m,), above 0 means +1 and the rest −1, so {−1, +1} and {0, 1} both serve; for
        (m, K), integer classes.

    Returns:
      (m,); an integer class outside 0…K−1 gives NaN.

    Raises:
      DataError: the shapes do not belong together; nothing is broadcast.

    Reference: Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based vector
    machines", JMLR 2001.
    """
    outputs = floating(outputs)
    if outputs.ndim != 2:
        outputs, targets = pair("hinge", outputs, targets)
        return jax.nn.relu(1 - jnp.where(targets > 0, outputs, -outputs))
    hot = classes("hinge", outputs, targets)
    own = jnp.where(hot, outputs, 0).sum(axis=1)
    other = jnp.where(hot, -jnp.inf, outputs).max(axis=1)
    return jnp.where(hot.any(axis=1), jax.nn.relu(1 + other - own), jnp.nan)
