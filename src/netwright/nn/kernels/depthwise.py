"""Depthwise convolution, NHWC: each channel by a kernel of its own.

On the CPU it is a sum of the image's shifts, one loop over the channels, which lie side by side. Its derivatives are
written here, for automatic differentiation makes them slow: that by the kernel ten times, and that by the image, of
stride 1, too (4 images of 28 × 28 × 240, 5 × 5).
"""

from functools import partial, reduce
from operator import add
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from netwright.nn.kernels.portable import portable


def depthwise(x: jax.Array, w: jax.Array, stride: int = 1) -> jax.Array:
    """Return ``y[n,i,j,c] = Σ_{u,v} x[n, s i+u−p, s j+v−q, c] · w[u,v,0,c]``.

    Zeros stand around the image, as many as keep ⌈H/s⌉ rows, and one more after it than before where they are odd.

    Args:
      x: (m, H, W, C); w: (h, w, 1, C).
      stride: s.
    """
    if jax.default_backend() == "cpu" and not portable():
        y: Any = _on_cpu(x, w, stride)
        return y
    axes = ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(
        x, w, (stride, stride), "SAME", dimension_numbers=axes, feature_group_count=x.shape[3]
    )


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _on_cpu(x: jax.Array, w: jax.Array, stride: int) -> jax.Array:
    return _summed(x, w, stride)


def _forward(x: jax.Array, w: jax.Array, stride: int) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    return _summed(x, w, stride), (x, w)


def _backward(
    stride: int, saved: tuple[jax.Array, jax.Array], slope: jax.Array
) -> tuple[jax.Array, jax.Array]:
    x, w = saved
    if stride == 1 and w.shape[0] % 2 == w.shape[1] % 2 == 1:
        dx = _summed(slope, w[::-1, ::-1], 1)
    else:
        (dx,) = jax.linear_transpose(lambda x: _summed(x, w, stride), x)(slope)
    return dx, _kernel_slope(x, w, slope, stride)


_on_cpu.defvjp(_forward, _backward)


def _summed(x: jax.Array, w: jax.Array, stride: int) -> jax.Array:
    taps = w.reshape(-1, 1, 1, 1, w.shape[3])
    return reduce(add, [shift * tap for shift, tap in zip(_shifts(x, w, stride), taps, strict=True)])


def _kernel_slope(x: jax.Array, w: jax.Array, slope: jax.Array, stride: int) -> jax.Array:
    """Return the derivative by w, from the slope (m, H′, W′, C): image by image, each of which fits the cache."""
    # By row and column last: a sum over the first axes alone is a loop over numbers that lie side by side.
    start = [jnp.zeros(slope.shape[2:], slope.dtype)] * (w.shape[0] * w.shape[1])

    def add_image(sums: list[jax.Array], one: tuple[jax.Array, jax.Array]) -> tuple[list[jax.Array], None]:
        image, slope = one
        shifts = _shifts(image[None], w, stride)
        return [
            total + jnp.sum(shift[0] * slope, axis=0) for total, shift in zip(sums, shifts, strict=True)
        ], None

    sums, _ = lax.scan(add_image, start, (x, slope))
    return jnp.stack([jnp.sum(total, axis=0) for total in sums]).reshape(w.shape)


def _shifts(x: jax.Array, w: jax.Array, stride: int) -> list[jax.Array]:
    """Return what each tap of the kernel sees: h·w arrays (m, H′, W′, C), row by row."""
    pads = lax.padtype_to_pads(x.shape[1:3], w.shape[:2], (stride, stride), "SAME")
    height, width = (stride * (-(-side // stride) - 1) + 1 for side in x.shape[1:3])
    x = jnp.pad(x, ((0, 0), *pads, (0, 0)))
    return [
        x[:, u : u + height : stride, v : v + width : stride]
        for u in range(w.shape[0])
        for v in range(w.shape[1])
    ]
