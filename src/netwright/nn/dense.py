"""The dense layer: ``Z = X W + b``."""

from functools import cache
from typing import Any

import jax
from flax import nnx
from jax import lax

from netwright.nn.mixed import PLAIN, mixed_dot_general

# One function object per value: NNX compares graph definitions, and so recompiles, by the identity of functions.
_constant = cache(nnx.initializers.constant)


def dense(
    n_in: int, n_out: int, *, kernel: Any, bias: float = 0.0, precision: str = "float32", rngs: nnx.Rngs
) -> nnx.Linear:
    """Return a dense layer with kernel (n_in, n_out) drawn by the initializer ``kernel`` and biases at ``bias``.

    ``precision="mixed"`` multiplies in bfloat16 and accumulates in float32; parameters stay float32.
    """
    product: Any = mixed_dot_general if precision == "mixed" else flat_dot_general
    return nnx.Linear(
        n_in, n_out, kernel_init=kernel, bias_init=_constant(bias), rngs=rngs, dot_general=product
    )


def flat_dot_general(x: jax.Array, kernel: jax.Array, dimension_numbers: Any, **options: Any) -> jax.Array:
    """``X W`` for ``x`` (…, n_in) and ``kernel`` (n_in, n_out), as a product of two matrices.

    Of a product with more axes XLA's CPU backend takes the slope of the kernel from transposed copies, in three times
    the time: a step of a Transformer is a quarter shorter without.
    """
    if x.ndim == 2:
        return lax.dot_general(x, kernel, dimension_numbers, **options)
    rows = lax.dot_general(x.reshape(-1, x.shape[-1]), kernel, PLAIN, **options)
    return rows.reshape(*x.shape[:-1], kernel.shape[-1])
