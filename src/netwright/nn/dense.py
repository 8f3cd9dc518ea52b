"""The dense layer: ``Z = X W + b``."""

from functools import cache
from typing import Any

from flax import nnx

from netwright.nn.mixed import mixed_dot_general

# One function object per value: NNX compares graph definitions, and so recompiles, by the identity of functions.
_constant = cache(nnx.initializers.constant)


def dense(
    n_in: int, n_out: int, *, kernel: Any, bias: float = 0.0, precision: str = "float32", rngs: nnx.Rngs
) -> nnx.Linear:
    """Return a dense layer with kernel (n_in, n_out) drawn by the initializer ``kernel`` and biases at ``bias``.

    ``precision="mixed"`` multiplies in bfloat16 and accumulates in float32; parameters stay float32.
    """
    options: dict[str, Any] = {"dot_general": mixed_dot_general} if precision == "mixed" else {}
    return nnx.Linear(n_in, n_out, kernel_init=kernel, bias_init=_constant(bias), rngs=rngs, **options)
