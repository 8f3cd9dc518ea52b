"""Convolution and its two derivatives in the formulations that XLA's CPU backend computes fast.

A convolution with the axes NHWC and HWIO is fast wherever it stands. The derivative by the kernel, as automatic
differentiation writes it, has other axes, and in the body of a loop (where a training step stands) it takes 20
times as long as it must; so both derivatives are written here with what is fast. Ratios are of the whole layer,
forwards and backwards, on two Zen 5 cores; ``benchmarks/native.py`` times single layers.
"""

import math

import jax
import jax.numpy as jnp
from jax import lax

from netwright.nn.kernels import _winograd

Pads = tuple[tuple[int, int], tuple[int, int]]
"""Zeros before and after the image, by rows and by columns."""
WINOGRAD_CHANNELS = 64
"""From so many channels in and out on Winograd's form pays: 1.2 times as fast; with 32 it is slower."""


def correlate(x: jax.Array, w: jax.Array, strides: tuple[int, int], pads: Pads) -> jax.Array:
    """Return the convolution (m, H′, W′, O) of x (m, H, W, C) and w (h, w, C, O)."""
    if _is_winograd(x.shape, w.shape, strides, pads):
        return _winograd.correlate(x, w)
    if w.shape[:2] == (1, 1) and pads == ((0, 0), (0, 0)):
        x = x[:, :: strides[0], :: strides[1]]
        return (x.reshape(-1, x.shape[3]) @ w[0, 0]).reshape(*x.shape[:3], -1)
    # One convolution runs on one core: two halves of the batch take both, 1.2 times as fast with 128 channels.
    middle = len(x) // 2 if jax.device_count() == 1 else 0
    parts = [x[:middle], x[middle:]] if middle else [x]
    axes = ("NHWC", "HWIO", "NHWC")
    return jnp.concatenate(
        [lax.conv_general_dilated(part, w, strides, pads, dimension_numbers=axes) for part in parts]
    )


def input_slope(
    slope: jax.Array, w: jax.Array, image: tuple[int, int], strides: tuple[int, int], pads: Pads
) -> jax.Array:
    """Return the derivative by x (m, *image, C), from the slope (m, H′, W′, O) of the output.

    The pixels whose row is ρ modulo the stride meet the same rows of the kernel, those that are ρ + pad modulo the
    stride: so for each ρ, and the same by columns, the derivative is one convolution of the slope with a part of
    the kernel, without the zeros that a stride otherwise puts between its pixels.
    """
    phases = [
        [_phase(slope, w, (i, j), image, strides, pads) for j in range(strides[1])] for i in range(strides[0])
    ]
    if strides == (1, 1):
        return phases[0][0]
    x = jnp.stack([jnp.stack(row, axis=3) for row in phases], axis=2)
    m, height, s, width, t, C = x.shape
    return x.reshape(m, height * s, width * t, C)[:, : image[0], : image[1]]


def weight_slope(
    x: jax.Array, slope: jax.Array, kernel: tuple[int, int], strides: tuple[int, int], pads: Pads
) -> jax.Array:
    """Return the derivative by w (*kernel, C, O): a matrix product for each row of the kernel.

    Its factors are the columns that a row of the kernel covers, one beside the other, and the slope.
    """
    m, height, width, n_out = slope.shape
    if _is_winograd(x.shape, (*kernel, x.shape[3], n_out), strides, pads):
        return _winograd.weight_slope(x, slope)
    x = lax.optimization_barrier(jnp.pad(x, ((0, 0), *pads, (0, 0))))
    down, across = strides[0] * (height - 1) + 1, strides[1] * (width - 1) + 1
    covered = [x[:, :, v : v + across : strides[1]] for v in range(kernel[1])]
    beside = lax.optimization_barrier(jnp.concatenate(covered, axis=3))
    inner = (((0,), (0,)), ((), ()))
    rows = [
        lax.dot_general(
            beside[:, u : u + down : strides[0]].reshape(m * height * width, -1),
            slope.reshape(-1, n_out),
            inner,
        )
        for u in range(kernel[0])
    ]
    return jnp.stack(rows).reshape(*kernel, x.shape[3], n_out)


def _phase(
    slope: jax.Array,
    w: jax.Array,
    place: tuple[int, int],
    image: tuple[int, int],
    strides: tuple[int, int],
    pads: Pads,
) -> jax.Array:
    """Return the derivative at the ⌈image/stride⌉ rows and columns that are ``place`` modulo the strides."""
    around: list[tuple[int, int]] = []
    first: list[int] = []
    for axis in range(2):
        stride, shift = strides[axis], place[axis] + pads[axis][0]
        first.append(shift % stride)
        taps = -(-(w.shape[axis] - first[axis]) // stride)
        size = -(-image[axis] // stride)
        around.append((taps - 1 - shift // stride, size - slope.shape[axis + 1] + shift // stride))
    part = w[first[0] :: strides[0], first[1] :: strides[1]]
    if math.prod(part.shape) == 0:  # no tap of a kernel smaller than the stride meets these pixels
        size = [-(-image[axis] // strides[axis]) for axis in range(2)]
        return jnp.zeros((len(slope), *size, w.shape[2]), slope.dtype)
    return correlate(slope, part[::-1, ::-1].transpose(0, 1, 3, 2), (1, 1), (around[0], around[1]))


def _is_winograd(x: tuple[int, ...], w: tuple[int, ...], strides: tuple[int, int], pads: Pads) -> bool:
    fits = w[:2] == (3, 3) and strides == (1, 1) and pads == ((1, 1), (1, 1))
    return fits and x[1] % 2 == x[2] % 2 == 0 and min(w[2:]) >= WINOGRAD_CHANNELS
