"""What an LSTM and a GRU do in time by foreign functions, with their backward rules; time-major, as the pure cores."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from netwright.nn.kernels.native_call import call


@partial(jax.custom_vjp, nondiff_argnums=(3,))
def lstm_core(z: jax.Array, u: jax.Array, real: jax.Array | None, precision: str) -> jax.Array:
    """Map z (T, m, 4H) and u (H, 4H) to the states h (T, m, H), as the pure ``lstm_core`` does."""
    return _lstm(z, u, real, precision)[0]


def _lstm(z: jax.Array, u: jax.Array, real: jax.Array | None, precision: str) -> tuple[jax.Array, Any]:
    (T, m, _), H = z.shape, u.shape[0]
    mask = _mask(real, T, m)
    shapes = [(T, m, H), (T, m, 4 * H), (T, m, H)]
    h, gates, c = call("lstm_forward", shapes, z, u, mask, mixed=precision == "mixed")
    return h, (u, mask, h, gates, c)


def _lstm_back(precision: str, saved: Any, slope: jax.Array) -> tuple[jax.Array, jax.Array, None]:
    u, gates = saved[0], saved[3]
    dz, du = call("lstm_backward", [gates.shape, u.shape], *saved, slope, mixed=precision == "mixed")
    return dz, du, None


lstm_core.defvjp(_lstm, _lstm_back)


@partial(jax.custom_vjp, nondiff_argnums=(4,))
def gru_core(z: jax.Array, u: jax.Array, b: jax.Array, real: jax.Array | None, precision: str) -> jax.Array:
    """Map z (T, m, 3H), u (H, 3H) and b (H,) to the states h (T, m, H), as the pure ``gru_core`` does."""
    return _gru(z, u, b, real, precision)[0]


def _gru(
    z: jax.Array, u: jax.Array, b: jax.Array, real: jax.Array | None, precision: str
) -> tuple[jax.Array, Any]:
    (T, m, _), H = z.shape, u.shape[0]
    mask = _mask(real, T, m)
    h, gates = call("gru_forward", [(T, m, H), (T, m, 4 * H)], z, u, b, mask, mixed=precision == "mixed")
    return h, (u, mask, h, gates)


def _gru_back(precision: str, saved: Any, slope: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array, None]:
    u, _, h, _ = saved
    z = (*h.shape[:2], u.shape[1])
    dz, dr, du = call("gru_backward", [z, z, u.shape], *saved, slope, mixed=precision == "mixed")
    return dz, du, jnp.sum(dr[:, :, -h.shape[2] :], axis=(0, 1)), None


gru_core.defvjp(_gru, _gru_back)


def _mask(real: jax.Array | None, T: int, m: int) -> jax.Array:
    return jnp.ones((T, m), bool) if real is None else real[:, :, 0]
