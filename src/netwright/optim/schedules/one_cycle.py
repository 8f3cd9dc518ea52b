"""One cycle up and down."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.optim._numbers import Number, not_negative, positive
from netwright.optim.schedules._step import Schedule, at
from netwright.optim.schedules.cosine import fall

RISE = 0.3
START = 1 / 25
END = START / 1e4


def one_cycle(peak: Number, steps: Number) -> Schedule:
    """Return the 1cycle schedule: a rise to ``peak``, then a long fall far below the start.

    From peak/25 by half a cosine to the peak at t = 0.3·steps, then by half a cosine to peak/250000 at
    t = steps, and level from there on. The shape is Smith and Topin's; the cosine in place of straight
    lines, and the numbers, are those that fastai, PyTorch and Optax have by default.

    Args:
      peak: the highest rate, ≥ 0.
      steps: the length of the cycle, > 0.

    Raises:
      ControlError: a number is out of range.

    Reference: Smith and Topin, "Super-convergence: very fast training of neural networks using large learning
    rates", 2018.
    """
    not_negative("one_cycle: peak", peak)
    positive("one_cycle: steps", steps)

    def schedule(step: ArrayLike) -> jax.Array:
        progress = at(step) / steps
        rise = fall(START, 1.0, progress / RISE)
        descent = fall(1.0, END, (progress - RISE) / (1 - RISE))
        return peak * jnp.where(progress < RISE, rise, descent)

    return schedule
