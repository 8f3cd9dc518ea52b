"""Linear warm-up before any schedule."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.optim._numbers import Number, not_negative
from netwright.optim.schedules._step import Schedule, at


def warmup(schedule: Schedule, steps: Number) -> Schedule:
    """Return ``schedule`` preceded by a linear warm-up.

    α(t) = schedule(0)·t/steps for t < steps, and schedule(t − steps) from there on: the schedule itself
    starts when the warm-up ends.

    Args:
      schedule: any function step → rate.
      steps: the length of the warm-up, ≥ 0.

    Raises:
      ControlError: steps is negative.

    Reference: Goyal et al., "Accurate, large minibatch SGD", 2017, section 2.2.
    """
    not_negative("warmup: steps", steps)

    def warmed(step: ArrayLike) -> jax.Array:
        t, length = at(step), jnp.asarray(steps, float)
        rising = schedule(0) * t / jnp.maximum(length, 1)
        return jnp.where(t < length, rising, schedule(jnp.maximum(t - length, 0)))

    return warmed
