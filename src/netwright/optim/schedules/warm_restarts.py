"""Cosine with warm restarts (SGDR)."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.optim._numbers import Number, at_least_one, not_negative, positive
from netwright.optim.schedules._step import Schedule, at
from netwright.optim.schedules.cosine import fall


def warm_restarts(rate: Number, period: Number, multiplier: Number = 1.0, final: Number = 0.0) -> Schedule:
    """Return the schedule that falls from ``rate`` to ``final`` by half a cosine, again and again.

    Cycle n = 0, 1… lasts Tₙ = period·multiplierⁿ steps; τ steps into it, α = final + ½(rate − final)(1 +
    cos(πτ/Tₙ)).

    Args:
      rate: the rate at each restart, ≥ 0.
      period: the steps of the first cycle, > 0.
      multiplier: how much longer each cycle is than the one before, ≥ 1.
      final: what each cycle falls to, ≥ 0.

    Raises:
      ControlError: a number is out of range.

    Reference: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, eq. 5.
    """
    not_negative("warm_restarts: rate", rate)
    positive("warm_restarts: period", period)
    at_least_one("warm_restarts: multiplier", multiplier)
    not_negative("warm_restarts: final", final)

    def schedule(step: ArrayLike) -> jax.Array:
        return fall(rate, final, _progress(at(step) / period, jnp.asarray(multiplier, float)))

    return schedule


def _progress(periods: jax.Array, multiplier: jax.Array) -> jax.Array:
    """Return how far the current cycle has come, from 0 to 1, after so many first periods."""
    grows = multiplier > 1
    q = jnp.where(grows, multiplier, 2)

    def start(cycle: jax.Array) -> jax.Array:
        return (q**cycle - 1) / (q - 1)

    # The logarithm names the cycle but for rounding at its ends, which the comparisons below settle; a start
    # missed by rounding alone counts as reached.
    reached = periods * (1 + 4e-7)
    cycle = jnp.floor(jnp.log1p(periods * (q - 1)) / jnp.log(q))
    cycle = jnp.where(reached >= start(cycle + 1), cycle + 1, cycle)
    cycle = jnp.where(reached < start(cycle), cycle - 1, cycle)
    growing = (periods - start(cycle)) / q**cycle
    return jnp.where(grows, growing, jnp.mod(periods, 1))
