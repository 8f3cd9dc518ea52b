"""Categorical cross-entropy from logits."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.core.errors import DataError
from netwright.losses._arrays import classes, floating, pair

TASKS = ("multiclass",)


def cce(logits: ArrayLike, targets: ArrayLike) -> jax.Array:
    """Return −Σₖ yₖ log softmax(z)ₖ for each example, with z the logits.

    Args:
      logits: (m, K).
      targets: integer classes (m,), or one-hot or soft labels (m, K) whose rows sum to 1.

    Returns:
      (m,); an integer class outside 0…K−1 gives NaN, since compiled code cannot raise.

    Raises:
      DataError: the shapes do not belong together; nothing is broadcast.
    """
    logits = floating(logits)
    if logits.ndim != 2:
        raise DataError(f"cce: logits have shape {logits.shape}; expected (m, K), one column a class")
    log_p = jax.nn.log_softmax(logits)
    if jnp.ndim(targets) == 2:
        log_p, targets = pair("cce", log_p, targets)
        return -(targets * log_p).sum(axis=1)
    hot = classes("cce", logits, targets)
    return jnp.where(hot.any(axis=1), -jnp.where(hot, log_p, 0).sum(axis=1), jnp.nan)
