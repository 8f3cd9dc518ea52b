"""Zeros."""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike


@dataclass(frozen=True)
class _Zeros:
    def __call__(self, key: jax.Array, shape: Sequence[int], dtype: DTypeLike = jnp.float32) -> jax.Array:
        return jnp.zeros(tuple(shape), dtype)


def zeros() -> _Zeros:
    """Return an initializer of zeros.

    Right for biases. In kernels of hidden layers it leaves all units of a layer identical: they receive equal
    gradients and stay equal for ever.
    """
    return _Zeros()
