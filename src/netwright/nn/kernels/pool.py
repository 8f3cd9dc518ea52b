"""Pooling of images, NHWC."""

from functools import partial, reduce
from typing import Any

import jax
import jax.numpy as jnp

from netwright.nn.kernels import native


def max_pool(x: jax.Array, window: int = 2, *, precision: str = "float32") -> jax.Array:
    """Return the maximum of each window × window square of ``x`` (m, H, W, C): (m, ⌊H/window⌋, ⌊W/window⌋, C).

    Rows and columns left over at the end take no part. Of equal maxima the first, row by row, has the slope, so
    that a tie neither doubles nor splits it. With "mixed", numbers and slopes may be rounded to bfloat16, as the
    convolutions on both sides round them anyway.
    """
    y: Any = native.max_pool(x, window, precision)
    return _max_pool(x, window) if y is None else y


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def _max_pool(x: jax.Array, window: int) -> jax.Array:
    """Take the maximum of window² strided slices, with which an activation before it is one loop."""
    return reduce(jnp.maximum, _places(x, window))


def _forward(x: jax.Array, window: int) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    y: Any = _max_pool(x, window)
    return y, (x, y)


def _backward(window: int, saved: tuple[jax.Array, jax.Array], slope: jax.Array) -> tuple[jax.Array]:
    x, y = saved
    found, parts = jnp.zeros(y.shape, bool), list[jax.Array]()
    for place in _places(x, window):
        first = (place == y) & ~found
        found |= first
        parts.append(jnp.where(first, slope, jnp.zeros((), slope.dtype)))
    m, height, width, channels = y.shape
    rows = [jnp.stack(parts[i : i + window], axis=3) for i in range(0, window**2, window)]
    dx = jnp.stack(rows, axis=2).reshape(m, height * window, width * window, channels)
    left_over = [(0, size - used) for size, used in zip(x.shape[1:3], dx.shape[1:3], strict=True)]
    return (jnp.pad(dx, ((0, 0), *left_over, (0, 0))),)


_max_pool.defvjp(_forward, _backward)


def _places(x: jax.Array, window: int) -> list[jax.Array]:
    """Return the first, second … number of every square, row by row: window² arrays of the output's shape."""
    height, width = (size - size % window for size in x.shape[1:3])
    return [x[:, i:height:window, j:width:window] for i in range(window) for j in range(window)]
