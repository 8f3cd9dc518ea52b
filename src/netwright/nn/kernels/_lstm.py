"""The LSTM core: what happens in time, with its backward rule."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from netwright.nn.kernels._time import before, kernel_slope, only, stepper


@partial(jax.custom_vjp, nondiff_argnums=(3,))
def lstm_core(z: jax.Array, u: jax.Array, real: jax.Array | None, precision: str) -> jax.Array:
    """Map z (T, m, 4H) and u (H, 4H) to the states h (T, m, H); gates i, f, g, o."""
    return _forward(z, u, real, precision)[0]


def _forward(z: jax.Array, u: jax.Array, real: jax.Array | None, precision: str) -> tuple[jax.Array, Any]:
    n = u.shape[0]
    # σ(z) = ½ tanh(½ z) + ½: one tanh over all four gates.
    half = jnp.repeat(jnp.array([0.5, 0.5, 1.0, 0.5], z.dtype), n)[None]
    recurrent = stepper(u * half, precision)

    def step(state: tuple[jax.Array, jax.Array], at: Any) -> tuple[Any, Any]:
        h, c = state
        z, real = at
        gates = half * jnp.tanh(half * z + recurrent(h)) + (1 - half)
        i, f, g, o = jnp.split(gates, 4, axis=1)
        c = only(real, f * c + i * g, c)
        h = only(real, o * jnp.tanh(c), h)
        return (h, c), (gates, c, h)

    zeros = jnp.zeros((z.shape[1], n), z.dtype)
    _, (gates, c, h) = lax.scan(step, (zeros, zeros), (z, real))
    return h, (gates, c, h, u, real)


def _backward(precision: str, saved: Any, slope: jax.Array) -> tuple[jax.Array, jax.Array, None]:
    gates, c, h, u, real = saved
    i, f, g, o = jnp.split(gates, 4, axis=2)
    bent = jnp.tanh(c)
    # dz = (dc, dc, dc, dh) ⊙ local; dc gains dh ⊙ out, and passes on ⊙ keep.
    local = [g * i * (1 - i), before(c) * f * (1 - f), i * (1 - g * g), bent * o * (1 - o)]
    local = only(real, jnp.concatenate(local, axis=2), 0.0)
    out, keep = only(real, o * (1 - bent * bent), 0.0), only(real, f, 1.0)
    recurrent = stepper(u.T, precision)

    def step(slopes: tuple[jax.Array, jax.Array], at: Any) -> tuple[Any, jax.Array]:
        dh, dc = slopes
        slope, local, out, keep, real = at
        dh = dh + slope
        dc = dc + dh * out
        dz = jnp.concatenate([dc, dc, dc, dh], axis=1) * local
        return (only(real, recurrent(dz), dh), dc * keep), dz

    zeros = jnp.zeros_like(h[0])
    _, dz = lax.scan(step, (zeros, zeros), (slope, local, out, keep, real), reverse=True)
    return dz, kernel_slope(h, dz, precision), None


lstm_core.defvjp(_forward, _backward)
