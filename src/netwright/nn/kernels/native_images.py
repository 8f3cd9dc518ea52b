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

from netwright.nn.kernels.native_call import call


@partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4))
def conv2d(x: jax.Array, w: jax.Array, strides: tuple[int, int], padding: str, precision: str) -> jax.Array:
    """Convolve x (m, H, W, C) with w (h, w, C, O), as :func:`netwright.nn.kernels.conv.conv2d` does."""
    return _forward(x, w, strides, padding, precision)[0]


def _forward(
    x: jax.Array, w: jax.Array, strides: tuple[int, int], padding: str, precision: str
) -> tuple[Any, Any]:
    x = _rounded(x, precision)
    place = _place(x.shape, w.shape, strides, padding)
    image = [
        (size + before + after - kernel) // stride + 1
        for size, kernel, stride, before, after in zip(
            x.shape[1:3], w.shape[:2], strides, place["padding"][::2], place["padding"][1::2], strict=True
        )
    ]
    (y,) = call("conv_forward", [(len(x), *image, w.shape[3])], x, w, dtype=x.dtype, **place)
    return y.astype(jnp.float32), (x, w)


def _backward(
    strides: tuple[int, int], padding: str, precision: str, saved: Any, slope: jax.Array
) -> tuple[jax.Array, jax.Array]:
    x, w = saved
    slope = _rounded(slope, precision)
    place = _place(x.shape, w.shape, strides, padding)
    (dx,) = call("conv_backward_data", [x.shape], slope, w, dtype=x.dtype, **place)
    (dw,) = call("conv_backward_weights", [w.shape], x, slope, **place)
    return dx.astype(jnp.float32), dw


conv2d.defvjp(_forward, _backward)


def _rounded(x: jax.Array, precision: str) -> jax.Array:
    return x.astype(jnp.bfloat16) if precision == "mixed" else x


def _place(x: tuple[int, ...], w: tuple[int, ...], strides: tuple[int, int], padding: str) -> dict[str, Any]:
    """Return strides and padding (top, bottom, left, right) as the foreign functions take them."""
    pads = lax.padtype_to_pads(x[1:3], w[:2], strides, padding)
    return {"strides": np.array(strides, np.int64), "padding": np.array(pads, np.int64).ravel()}


@partial(jax.custom_vjp, nondiff_argnums=(1, 2))
def max_pool(x: jax.Array, window: int, precision: str = "float32") -> jax.Array:
    """Return the maximum of each window × window square of x (m, H, W, C); the first of equals has the slope."""
    return _pooled(x, window, precision)[0]


def _pooled(x: jax.Array, window: int, precision: str) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    x = _rounded(x, precision)
    m, H, W, C = x.shape
    (y,) = call("pool_forward", [(m, H // window, W // window, C)], x, dtype=x.dtype, window=_square(window))
    return y.astype(jnp.float32), (x, y)


def _pooled_back(
    window: int, precision: str, saved: tuple[jax.Array, jax.Array], slope: jax.Array
) -> tuple[jax.Array]:
    x, y = saved
    slope = _rounded(slope, precision)
    (dx,) = call("pool_backward", [x.shape], x, y, slope, dtype=x.dtype, window=_square(window))
    return (dx.astype(jnp.float32),)


max_pool.defvjp(_pooled, _pooled_back)


def _square(window: int) -> np.ndarray:
    return np.array([window, window], np.int64)
