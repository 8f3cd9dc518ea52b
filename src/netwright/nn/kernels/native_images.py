"""Convolution and max-pooling by foreign functions, with their backward rules.

With bfloat16 products, images and their slopes leave the convolution in bfloat16, too, and are widened by whatever
reads them, and pooling between convolutions keeps to it: memory is what such a step waits for, and the next
convolution would round them anyway.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from netwright.nn.kernels.native_call import Out, call, rounded


@partial(jax.custom_vjp, nondiff_argnums=(3, 4, 5))
def conv2d(
    x: jax.Array,
    w: jax.Array,
    b: jax.Array | None,
    strides: tuple[int, int],
    padding: str,
    precision: str,
) -> jax.Array:
    """Convolve x (m, H, W, C) with w (h, w, C, O), as :func:`netwright.nn.kernels.conv.conv2d` does."""
    return _forward(x, w, b, strides, padding, precision)[0]


def _forward(
    x: jax.Array,
    w: jax.Array,
    b: jax.Array | None,
    strides: tuple[int, int],
    padding: str,
    precision: str,
) -> tuple[Any, Any]:
    x = rounded(x, precision)
    place = _place(x.shape, w.shape, strides, padding)
    image = [
        (size + before + after - kernel) // stride + 1
        for size, kernel, stride, before, after in zip(
            x.shape[1:3], w.shape[:2], strides, place["padding"][::2], place["padding"][1::2], strict=True
        )
    ]
    operands = (x, w) if b is None else (x, w, b)
    (y,) = call("conv_forward", [Out((len(x), *image, w.shape[3]), x.dtype)], *operands, **place)
    return y.astype(jnp.float32), operands


def _backward(
    strides: tuple[int, int], padding: str, precision: str, saved: Any, slope: jax.Array
) -> tuple[jax.Array | None, ...]:
    x, *weights = saved
    slope = rounded(slope, precision)
    place = _place(x.shape, weights[0].shape, strides, padding)
    (dx,) = call("conv_backward_data", [Out(x.shape, x.dtype)], slope, weights[0], **place)
    dw, *db = call("conv_backward_weights", [Out(a.shape, a.dtype) for a in weights], x, slope, **place)
    return dx.astype(jnp.float32), dw, db[0] if db else None


conv2d.defvjp(_forward, _backward)


def _place(x: tuple[int, ...], w: tuple[int, ...], strides: tuple[int, int], padding: str) -> dict[str, Any]:
    """Return strides and padding (top, bottom, left, right) as the foreign functions take them."""
    pads = lax.padtype_to_pads(x[1:3], w[:2], strides, padding)
    return {"strides": np.array(strides, np.int64), "padding": np.array(pads, np.int64).ravel()}


@partial(jax.custom_vjp, nondiff_argnums=(1, 2))
def max_pool(x: jax.Array, window: int, precision: str = "float32") -> jax.Array:
    """Return the maximum of each window × window square of x (m, H, W, C); the first of equals has the slope."""
    return _pooled(x, window, precision)[0]


def _pooled(x: jax.Array, window: int, precision: str) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    x = rounded(x, precision)
    m, H, W, C = x.shape
    image = Out((m, H // window, W // window, C), x.dtype)
    (y,) = call("pool_forward", [image], x, window=_square(window))
    return y.astype(jnp.float32), (x, y)


def _pooled_back(
    window: int, precision: str, saved: tuple[jax.Array, jax.Array], slope: jax.Array
) -> tuple[jax.Array]:
    x, y = saved
    slope = rounded(slope, precision)
    (dx,) = call("pool_backward", [Out(x.shape, x.dtype)], x, y, slope, window=_square(window))
    return (dx.astype(jnp.float32),)


max_pool.defvjp(_pooled, _pooled_back)


def _square(window: int) -> np.ndarray:
    return np.array([window, window], np.int64)
