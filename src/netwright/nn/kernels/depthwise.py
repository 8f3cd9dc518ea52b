"""Depthwise convolution, NHWC: each channel by a kernel of its own."""

from functools import reduce
from operator import add

import jax
import jax.numpy as jnp
from jax import lax

from netwright.nn.kernels.portable import portable


def depthwise(x: jax.Array, w: jax.Array, stride: int = 1) -> jax.Array:
    """Return ``y[n,i,j,c] = Σ_{u,v} x[n, s i+u−p, s j+v−q, c] · w[u,v,0,c]``.

    Zeros stand around the image, as many as keep ⌈H/s⌉ rows, and one more after it than before where they are odd.
    On the CPU it is a sum of the image's shifts, one loop over the channels, which lie side by side; XLA's grouped
    convolution is not.

    Args:
      x: (m, H, W, C); w: (h, w, 1, C).
      stride: s.
    """
    strides = (stride, stride)
    if jax.default_backend() != "cpu" or portable():
        axes = ("NHWC", "HWIO", "NHWC")
        return lax.conv_general_dilated(
            x, w, strides, "SAME", dimension_numbers=axes, feature_group_count=x.shape[3]
        )
    pads = lax.padtype_to_pads(x.shape[1:3], w.shape[:2], strides, "SAME")
    height, width = (stride * (-(-side // stride) - 1) + 1 for side in x.shape[1:3])
    x = jnp.pad(x, ((0, 0), *pads, (0, 0)))
    shifts = [
        x[:, u : u + height : stride, v : v + width : stride] * w[u, v, 0].reshape(1, 1, 1, -1)
        for u in range(w.shape[0])
        for v in range(w.shape[1])
    ]
    return reduce(add, shifts)
