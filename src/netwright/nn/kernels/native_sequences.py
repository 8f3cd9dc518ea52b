"""LSTM and GRU layers by foreign functions, with their backward rule.

A foreign function takes the batch as it is, (m, T, C), and gives the states (m, T, H). What it keeps for the way back
is time-major, and in bfloat16 where the products are: memory is what such a step waits for.
"""

from functools import partial
from typing import Any, Literal

import jax
import jax.numpy as jnp

from netwright.nn.kernels.native_call import call

Cell = Literal["lstm", "gru"]
Out = jax.ShapeDtypeStruct
_KEPT = {"lstm": 5, "gru": 4}
"""How many numbers a unit keeps of a step: its gates, and an LSTM's memory or a GRU's product before the reset."""


@partial(jax.custom_vjp, nondiff_argnums=(0, 6))
def layer(
    cell: Cell,
    x: jax.Array,
    w: jax.Array,
    u: jax.Array,
    b: jax.Array,
    mask: jax.Array | None,
    precision: str,
) -> jax.Array:
    """Return the states h (m, T, H), as the function of this name in ``netwright.nn.kernels.recurrent`` does."""
    return _forward(cell, x, w, u, b, mask, precision)[0]


def _forward(
    cell: Cell,
    x: jax.Array,
    w: jax.Array,
    u: jax.Array,
    b: jax.Array,
    mask: jax.Array | None,
    precision: str,
) -> tuple[jax.Array, Any]:
    (m, T, C), H = x.shape, u.shape[0]
    real = jnp.ones((m, T), bool) if mask is None else mask
    number = jnp.bfloat16 if precision == "mixed" else jnp.float32
    results = [
        Out((m, T, H), jnp.float32),
        Out((T, m, C + H), number),
        Out((T, m, _KEPT[cell] * H), number),
    ]
    h, factors, kept = call(f"{cell}_forward", results, x, w, u, b, real)
    return h, (w, u, b, real, factors, kept, h)


def _backward(cell: Cell, precision: str, saved: Any, slope: jax.Array) -> tuple[jax.Array | None, ...]:
    w, u, b, real, factors, kept, h = saved
    by_step = Out((*factors.shape[:2], u.shape[1]), factors.dtype)
    # A GRU's slopes before the reset gate are others than those after it.
    slopes = [by_step] * {"lstm": 1, "gru": 2}[cell]
    dz, *_, dw, du, db = call(
        f"{cell}_backward",
        [*slopes, *(Out(a.shape, a.dtype) for a in (w, u, b))],
        *(u, real, factors, kept, h, slope),
    )
    (dx,) = call("steps_backward", [Out((*h.shape[:2], len(w)), jnp.float32)], dz, w)
    return dx, dw, du, db, None


layer.defvjp(_forward, _backward)
