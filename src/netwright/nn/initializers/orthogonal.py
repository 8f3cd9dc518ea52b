"""Orthogonal."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from netwright.core.errors import DataError


@dataclass(frozen=True)
class _Orthogonal:
    def __call__(self, key: jax.Array, shape: Sequence[int], dtype: DTypeLike = jnp.float32) -> jax.Array:
        if len(shape) < 2:
            raise DataError(f"orthogonal got shape {tuple(shape)}; a kernel has at least two axes")
        *field, columns = shape
        wide = jnp.float64 if jnp.dtype(dtype) == jnp.float64 else jnp.float32
        draw = jax.nn.initializers.orthogonal()(key, (math.prod(field), columns), wide)
        return draw.reshape(tuple(shape)).astype(dtype)


def orthogonal() -> _Orthogonal:
    """Return an initializer of matrices with orthonormal columns, or rows if there are fewer of them.

    Drawn evenly from all such matrices. A square one keeps the length of what it multiplies, so that a recurrent
    kernel, applied at every step, neither shrinks nor blows up the state and its slope. The axes before the last
    of a kernel with more than two count as one; the initializer raises DataError on a shape with fewer than two.

    Reference: Saxe, McClelland and Ganguli (2014), "Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks".
    """
    return _Orthogonal()
