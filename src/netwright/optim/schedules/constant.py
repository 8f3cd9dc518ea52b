"""One rate throughout."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.optim._numbers import Number, not_negative
from netwright.optim.schedules._step import Schedule


def constant(rate: Number) -> Schedule:
    """Return the schedule α(t) = α₀.

    Raises:
      ControlError: the rate is negative.
    """
    not_negative("constant: rate", rate)

    def schedule(step: ArrayLike) -> jax.Array:
        return jnp.broadcast_to(jnp.asarray(rate, float), jnp.shape(step))

    return schedule
