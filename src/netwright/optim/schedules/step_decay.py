"""Steps down by a factor."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.optim._numbers import Number, not_negative, positive
from netwright.optim.schedules._step import Schedule, at


def step_decay(rate: Number, factor: Number, every: Number) -> Schedule:
    """Return the schedule α(t) = α₀ · factor^⌊t/every⌋.

    Args:
      rate: α₀ ≥ 0.
      factor: what the rate is multiplied by, > 0; below 1 for a decay.
      every: the number of steps between, > 0.

    Raises:
      ControlError: a number is out of range.
    """
    not_negative("step_decay: rate", rate)
    positive("step_decay: factor", factor)
    positive("step_decay: every", every)

    def schedule(step: ArrayLike) -> jax.Array:
        return rate * jnp.asarray(factor, float) ** jnp.floor(at(step) / every)

    return schedule
