"""The GRU core: what happens in time, with its backward rule."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from netwright.nn.kernels._time import before, kernel_slope, only, stepper


@partial(jax.custom_vjp, nondiff_argnums=(4,))
def gru_core(z: jax.Array, u: jax.Array, b: jax.Array, real: jax.Array | None, precision: str) -> jax.Array:
    """Map z (T, m, 3H), u (H, 3H) and the new state's recurrent bias b (H,) to the states h (T, m, H)."""
    return _forward(z, u, b, real, precision)[0]


def _forward(
    z: jax.Array, u: jax.Array, b: jax.Array, real: jax.Array | None, precision: str
) -> tuple[jax.Array, Any]:
    n = u.shape[0]
    recurrent = stepper(u, precision)

    def step(h: jax.Array, at: Any) -> tuple[Any, Any]:
        z, real = at
        r = recurrent(h)
        # σ(z) = ½ tanh(½ z) + ½
        gates = 0.5 * jnp.tanh(0.5 * (z[:, : 2 * n] + r[:, : 2 * n])) + 0.5
        update, reset = gates[:, :n], gates[:, n:]
        past = r[:, 2 * n :] + b[None]
        new = jnp.tanh(z[:, 2 * n :] + reset * past)
        h = only(real, new + update * (h - new), h)
        return h, (gates, past, new, h)

    _, (gates, past, new, h) = lax.scan(step, jnp.zeros((z.shape[1], n), z.dtype), (z, real))
    return h, (gates, past, new, h, u, real)


def _backward(precision: str, saved: Any, slope: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array, None]:
    gates, past, new, h, u, real = saved
    update, reset = jnp.split(gates, 2, axis=2)
    # The slopes before u are (dh, dh, dh) ⊙ local; dh passes on ⊙ keep besides.
    at_new = only(real, (1 - update) * (1 - new * new), 0.0)
    at_update = only(real, (before(h) - new) * update * (1 - update), 0.0)
    local = jnp.concatenate([at_update, at_new * past * reset * (1 - reset), at_new * reset], axis=2)
    keep = only(real, update, 1.0)
    recurrent = stepper(u.T, precision)

    def step(dh: jax.Array, at: Any) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
        slope, local, keep = at
        dh = dh + slope
        dr = jnp.concatenate([dh, dh, dh], axis=1) * local
        return recurrent(dr) + dh * keep, (dr, dh)

    _, (dr, dh) = lax.scan(step, jnp.zeros_like(h[0]), (slope, local, keep), reverse=True)
    n = u.shape[0]
    dz = jnp.concatenate([dr[:, :, : 2 * n], dh * at_new], axis=2)
    return dz, kernel_slope(h, dr, precision), jnp.sum(dr[:, :, 2 * n :], axis=(0, 1)), None


gru_core.defvjp(_forward, _backward)
