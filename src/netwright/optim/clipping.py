"""Gradient clipping."""

from typing import Any

import jax
import jax.numpy as jnp
import optax

from netwright.optim._numbers import Number, positive


def clip_by_norm(grads: Any, threshold: Number) -> tuple[Any, jax.Array]:
    """Return (g·c/‖g‖₂ if ‖g‖₂ > c else g, ‖g‖₂), with the norm over all gradients together.

    The direction stays. A gradient that is not finite stays so, and shows in the norm.

    Args:
      grads: any pytree of gradients.
      threshold: c > 0.

    Raises:
      ControlError: the threshold is not above 0.

    Reference: Pascanu et al., "On the difficulty of training recurrent neural networks", 2013, algorithm 1.
    """
    positive("clip_by_norm: threshold", threshold)
    norm = optax.tree.norm(grads)
    limit = jnp.asarray(threshold, norm.dtype)
    factor = jnp.where(norm > limit, limit / norm, 1)
    return jax.tree.map(lambda g: g * factor.astype(g.dtype), grads), norm


def clip_by_value(grads: Any, threshold: Number) -> Any:
    """Return the gradients with each entry clipped to [−c, c].

    Args:
      grads: any pytree of gradients.
      threshold: c > 0.

    Raises:
      ControlError: the threshold is not above 0.
    """
    positive("clip_by_value: threshold", threshold)

    def clip(g: jax.Array) -> jax.Array:
        limit = jnp.asarray(threshold, g.dtype)
        return jnp.clip(g, -limit, limit)

    return jax.tree.map(clip, grads)
