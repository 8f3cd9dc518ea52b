"""Binary cross-entropy from logits."""

import jax
from jax.typing import ArrayLike

from netwright.losses._arrays import pair, rows

TASKS = ("binary",)


def bce(logits: ArrayLike, targets: ArrayLike) -> jax.Array:
    """Return −y log σ(z) − (1−y) log(1−σ(z)) for each example, with z the logits.

    Computed as y·softplus(−z) + (1−y)·softplus(z): neither value nor gradient overflows, and the gradient
    (1−y)σ(z) − yσ(−z) keeps its digits where the prediction is sure and right.

    Args:
      logits: (m,), or (m, k) for k labels of their own.
      targets: the same shape, in [0, 1]; values between 0 and 1 are soft labels.

    Returns:
      (m,), the mean over k.

    Raises:
      DataError: logits and targets differ in shape.
    """
    logits, targets = pair("bce", logits, targets)
    return rows(targets * jax.nn.softplus(-logits) + (1 - targets) * jax.nn.softplus(logits))
