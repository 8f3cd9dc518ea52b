"""Exponential decay."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.optim._numbers import Number, not_negative
from netwright.optim.schedules._step import Schedule, at


def exponential_decay(rate: Number, k: Number) -> Schedule:
    """Return the schedule α(t) = α₀ e^(−kt).

    Args:
      rate: α₀ ≥ 0.
      k: the decay per step, ≥ 0.

    Raises:
      ControlError: a number is out of range.
    """
    not_negative("exponential_decay: rate", rate)
    not_negative("exponential_decay: k", k)

    def schedule(step: ArrayLike) -> jax.Array:
        return rate * jnp.exp(-k * at(step))

    return schedule
