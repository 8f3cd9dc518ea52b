"""What schedules share."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

Schedule = Callable[[ArrayLike], jax.Array]


def at(step: ArrayLike) -> jax.Array:
    """Return the step as JAX's default float (float64 in x64), of which any hyperparameter is a neighbour."""
    return jnp.asarray(step, float)
