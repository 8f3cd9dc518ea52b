"""Half a cosine."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.optim._numbers import Number, not_negative, positive
from netwright.optim.schedules._step import Schedule, at


def cosine(rate: Number, steps: Number, final: Number = 0.0) -> Schedule:
    """Return the schedule α(t) = final + ½(α₀ − final)(1 + cos(πt/steps)), and ``final`` from t = steps on.

    Args:
      rate: α₀ ≥ 0.
      steps: the length of the fall, > 0.
      final: the rate at its end, ≥ 0.

    Raises:
      ControlError: a number is out of range.
    """
    not_negative("cosine: rate", rate)
    positive("cosine: steps", steps)
    not_negative("cosine: final", final)

    def schedule(step: ArrayLike) -> jax.Array:
        return fall(rate, final, at(step) / steps)

    return schedule


def fall(start: Number, end: Number, progress: jax.Array) -> jax.Array:
    """Return the half cosine from ``start`` (progress 0) to ``end`` (progress 1), level outside."""
    return end + (start - end) * 0.5 * (1 + jnp.cos(jnp.pi * jnp.clip(progress, 0, 1)))
