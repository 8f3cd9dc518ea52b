"""The plain recurrent core: ``h[t] = tanh(z[t] + h[t−1] u)``, with its backward rule."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from netwright.nn.kernels._time import kernel_slope, only, stepper


@partial(jax.custom_vjp, nondiff_argnums=(3,))
def rnn_core(z: jax.Array, u: jax.Array, real: jax.Array | None, precision: str) -> jax.Array:
    """Map z (T, m, H) and u (H, H) to the states h (T, m, H)."""
    return _forward(z, u, real, precision)[0]


def _forward(z: jax.Array, u: jax.Array, real: jax.Array | None, precision: str) -> tuple[jax.Array, Any]:
    recurrent = stepper(u, precision)

    def step(h: jax.Array, at: Any) -> tuple[jax.Array, jax.Array]:
        z, real = at
        h = only(real, jnp.tanh(z + recurrent(h)), h)
        return h, h

    _, h = lax.scan(step, jnp.zeros((z.shape[1], u.shape[0]), z.dtype), (z, real))
    return h, (h, u, real)


def _backward(precision: str, saved: Any, slope: jax.Array) -> tuple[jax.Array, jax.Array, None]:
    h, u, real = saved
    local = only(real, 1 - h * h, 0.0)
    recurrent = stepper(u.T, precision)

    def step(dh: jax.Array, at: Any) -> tuple[jax.Array, jax.Array]:
        slope, local, real = at
        dh = dh + slope
        dz = dh * local
        back = recurrent(dz)
        return only(real, back, dh), dz

    _, dz = lax.scan(step, jnp.zeros_like(h[0]), (slope, local, real), reverse=True)
    return dz, kernel_slope(h, dz, precision), None


rnn_core.defvjp(_forward, _backward)
