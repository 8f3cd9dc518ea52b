"""A triangular wave."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.optim._numbers import Number, not_negative, positive
from netwright.optim.schedules._step import Schedule, at


def cyclical(low: Number, high: Number, period: Number) -> Schedule:
    """Return the triangular schedule: from ``low`` linearly to ``high`` in half a period, and back.

    α(t) = low + (high − low)(1 − |2φ − 1|), with φ = (t mod period)/period.

    Args:
      low: the rate at steps 0, period, 2·period…, ≥ 0.
      high: the rate half-way between, ≥ 0.
      period: the steps of a whole cycle, > 0 (twice what Smith calls the step size).

    Raises:
      ControlError: a number is out of range.

    Reference: Smith, "Cyclical learning rates for training neural networks", 2017.
    """
    not_negative("cyclical: low", low)
    not_negative("cyclical: high", high)
    positive("cyclical: period", period)

    def schedule(step: ArrayLike) -> jax.Array:
        phase = jnp.mod(at(step), period) / period
        return low + (high - low) * (1 - jnp.abs(2 * phase - 1))

    return schedule
