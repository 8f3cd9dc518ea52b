"""Recurrent kernels: a whole sequence through a tanh, LSTM or GRU recurrence from a zero state.

All take x (m, T, C), w (C, ·), u (H, ·), b and give the states h (m, T, H). With a mask (m, T) a step where it is
False carries the state through, whatever its numbers: after padding at the end, h[:, −1] is the last real state.
``precision="mixed"`` multiplies in bfloat16 and accumulates in float32; states stay as they are.
"""

from typing import Any

import jax
import jax.numpy as jnp

from netwright.nn.kernels import native
from netwright.nn.kernels._gru import gru_core
from netwright.nn.kernels._lstm import lstm_core
from netwright.nn.kernels._rnn import rnn_core
from netwright.nn.kernels._time import project


def rnn(
    x: jax.Array,
    w: jax.Array,
    u: jax.Array,
    b: jax.Array,
    mask: jax.Array | None = None,
    *,
    precision: str = "float32",
) -> jax.Array:
    """Return ``h[t] = tanh(x[t] w + h[t−1] u + b)``: w (C, H), u (H, H), b (H,).

    Reference: Elman (1990), "Finding structure in time".
    """
    h: Any = rnn_core(project(x, w, b, precision), u, _by_time(mask), precision)
    return jnp.swapaxes(h, 0, 1)


def lstm(
    x: jax.Array,
    w: jax.Array,
    u: jax.Array,
    b: jax.Array,
    mask: jax.Array | None = None,
    *,
    precision: str = "float32",
) -> jax.Array:
    """Return the states of a long short-term memory: w (C, 4H), u (H, 4H), b (4H,), gates in the order i, f, g, o.

    ``(i, f, g, o) = (σ, σ, tanh, σ)(x[t] w + h[t−1] u + b)``, ``c[t] = f c[t−1] + i g``, ``h[t] = o tanh(c[t])``.

    Reference: Hochreiter and Schmidhuber (1997), "Long short-term memory"; the forget gate is that of Gers,
    Schmidhuber and Cummins (2000).
    """
    h: Any = native.lstm(x, w, u, b, mask, precision)
    if h is None:
        h = jnp.swapaxes(lstm_core(project(x, w, b, precision), u, _by_time(mask), precision), 0, 1)
    return h


def gru(
    x: jax.Array,
    w: jax.Array,
    u: jax.Array,
    b: jax.Array,
    mask: jax.Array | None = None,
    *,
    precision: str = "float32",
) -> jax.Array:
    """Return the states of a gated recurrent unit: w (C, 3H), u (H, 3H), b (4H,), in the order z, r, n.

    ``z = σ(x[t] w_z + h[t−1] u_z + b_z)``, ``r`` alike, ``n = tanh(x[t] w_n + b_n + r (h[t−1] u_n + b_h))``,
    ``h[t] = (1 − z) n + z h[t−1]``, with b = (b_z, b_r, b_n, b_h). The reset gate acts after the product, as in
    cuDNN, PyTorch and Keras: one product a step instead of two.

    Reference: Cho et al. (2014), "Learning phrase representations using RNN encoder–decoder".
    """
    h: Any = native.gru(x, w, u, b, mask, precision)
    if h is None:
        split = 3 * u.shape[0]
        z = project(x, w, b[:split], precision)
        h = jnp.swapaxes(gru_core(z, u, b[split:], _by_time(mask), precision), 0, 1)
    return h


def _by_time(mask: jax.Array | None) -> jax.Array | None:
    return None if mask is None else mask.T[:, :, None]
