"""Random keys: everything random is a function of the run's seed and a purpose."""

import operator
import zlib
from typing import Any

import jax

from netwright.core.errors import ControlError


def key(seed: int | jax.Array, purpose: str) -> jax.Array:
    """Return the JAX key of ``purpose`` ("init", …) under ``seed``; purposes never share numbers."""
    return jax.random.fold_in(jax.random.key(seed), zlib.crc32(purpose.encode()))


def checked_seed(seed: Any) -> int:
    """Return the seed as an int.

    Raises:
      ControlError: it is not an integer of 32 bits.
    """
    try:
        number = operator.index(seed)
    except TypeError:
        number = -1
    if not 0 <= number < 2**32:
        raise ControlError(f"seed: found {seed!r}, expected an integer from 0 to {2**32 - 1}")
    return number
