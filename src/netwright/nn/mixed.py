"""Mixed precision: bfloat16 products with float32 accumulation, arranged for XLA's CPU backend.

Three facts shape the code (measured; see benchmarks): a product whose left side does not contract its last
axis falls back to a slow kernel, and in bfloat16 is computed in float32; moving bfloat16 data (transposes)
converts to float32 and back, so data moves as uint16; the barrier keeps XLA from folding the transpose back
into the product.
"""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax import lax

_CONTRACT_LAST = (((1,), (1,)), ((), ()))
PLAIN = (((1,), (0,)), ((), ()))
"""Dimension numbers of ``a @ b``."""


def multiply_mixed(module: nnx.Module) -> None:
    """Let the dense layers and convolutions of a built network multiply in bfloat16, as if made so."""
    for _, layer in nnx.iter_graph(module):
        if isinstance(layer, nnx.Linear):
            layer.dot_general = mixed_dot_general
        elif hasattr(layer, "precision"):
            layer.precision = "mixed"


def mixed_dot_general(x: jax.Array, kernel: jax.Array, dimension_numbers: Any, **_: Any) -> jax.Array:
    """``X W`` for ``x`` (…, n_in) and ``kernel`` (n_in, n_out): the hook that ``nnx.Linear`` calls."""
    flat = x.reshape(-1, x.shape[-1])
    return _matmul(flat, kernel).reshape(*x.shape[:-1], kernel.shape[-1])


@jax.custom_vjp
def _matmul(x: jax.Array, kernel: jax.Array) -> jax.Array:
    return product(x.astype(jnp.bfloat16), kernel.astype(jnp.bfloat16), PLAIN)


def _forward(x: jax.Array, kernel: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    x, kernel = x.astype(jnp.bfloat16), kernel.astype(jnp.bfloat16)
    return product(x, kernel, PLAIN), (x, kernel)


def _backward(saved: tuple[jax.Array, jax.Array], g: jax.Array) -> tuple[jax.Array, jax.Array]:
    x, kernel = saved
    g = g.astype(jnp.bfloat16)
    return product(g, kernel, _CONTRACT_LAST), product(transposed(x), g, PLAIN)


_matmul.defvjp(_forward, _backward)


def product(a: jax.Array, b: jax.Array, dimensions: Any = PLAIN) -> jax.Array:
    """Return the product of two bfloat16 matrices, summed in float32."""
    return lax.dot_general(a, b, dimensions, preferred_element_type=jnp.float32)


def transposed(x: jax.Array) -> jax.Array:
    """Return xᵀ of a bfloat16 matrix as a physical copy, moved as 16-bit integers."""
    moved = lax.transpose(lax.bitcast_convert_type(x, jnp.uint16), (1, 0))
    moved = lax.optimization_barrier(moved.reshape(-1)).reshape(x.shape[1], x.shape[0])
    return lax.bitcast_convert_type(moved, jnp.bfloat16)
