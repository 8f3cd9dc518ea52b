"""What the recurrent kernels share: arrays are time-major, (T, m, …), and ``real`` (T, m, 1) masks steps.

A scan is differentiated by hand: whatever does not depend on the slope from later steps is computed for all T
at once outside the reverse loop, which keeps one product a step; the recurrent kernel's gradient is one product
after it. Automatic differentiation puts both into the loop and takes about twice as long.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax

from netwright.nn.mixed import PLAIN, mixed_dot_general, product, transposed


def project(x: jax.Array, w: jax.Array, b: jax.Array, precision: str) -> jax.Array:
    """Return ``x w + b`` for all steps in one product, time-major: x (m, T, C), w (C, n), b (n,) → (T, m, n)."""
    m, T, C = x.shape
    flat = jnp.swapaxes(x, 0, 1).reshape(T * m, C)
    z = mixed_dot_general(flat, w, PLAIN) if precision == "mixed" else flat @ w
    return (z + b[None]).reshape(T, m, -1)


def stepper(u: jax.Array, precision: str) -> Callable[[jax.Array], jax.Array]:
    """Return the function h ↦ h u of one step.

    In bfloat16 the columns are split in two: two products of half the width run on two cores, one does not.
    """
    if precision != "mixed":
        return lambda h: h @ u
    left, right = jnp.split(u.astype(jnp.bfloat16), (u.shape[1] // 2,), axis=1)

    def step(h: jax.Array) -> jax.Array:
        h = h.astype(jnp.bfloat16)
        return jnp.concatenate([product(h, left), product(h, right)], axis=1)

    return step


def before(h: jax.Array) -> jax.Array:
    """Return at each step the state before it: zeros, then the states h (T, m, H) but the last."""
    return jnp.concatenate([jnp.zeros_like(h[:1]), h[:-1]])


def kernel_slope(h: jax.Array, dz: jax.Array, precision: str) -> jax.Array:
    """Return ``Σ_t h[t−1]ᵀ dz[t]``, the slope of the recurrent kernel, as one product over all steps."""
    rows, slopes = (a.reshape(-1, a.shape[-1]) for a in (before(h), dz))
    if precision == "mixed":
        return product(transposed(rows.astype(jnp.bfloat16)), slopes.astype(jnp.bfloat16))
    return lax.dot_general(rows, slopes, (((0,), (0,)), ((), ())))


def only(real: jax.Array | None, values: jax.Array, otherwise: jax.Array | float) -> jax.Array:
    """Return ``values`` at real steps and ``otherwise`` at masked ones."""
    return values if real is None else jnp.where(real, values, otherwise)
