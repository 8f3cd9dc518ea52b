"""Batch normalization of images by foreign functions, with what is added to it and the rectifier after it.

With bfloat16 products, what comes in and what goes out is bfloat16, as between convolutions.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from netwright.nn.kernels.native_call import Out, call, rounded

LANES = 16
"""Channels that the foreign functions take at a time."""


@partial(jax.custom_vjp, nondiff_argnums=(5, 6, 7))
def batch_norm(
    x: jax.Array,
    scale: jax.Array,
    bias: jax.Array,
    real: jax.Array,
    skip: jax.Array | None,
    epsilon: float,
    rectified: bool,
    precision: str,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Normalize images x (m, H, W, C) by the moments of their real rows.

    Args:
      x: of C channels, a multiple of 16; scale, bias: γ and β (C,).
      real: (m,), 1 for a row and 0 for padding, which is normalized but has no part in the moments.
      skip: None, or what is added before the rectifier, of the shape of x; only where ``rectified``.

    Returns:
      (y, mean, variance): y = max(0, γ (x − μ)/√(σ² + ε) + β + skip), or without the maximum; μ and the biased σ²
      (C,), through which no slope passes.
    """
    return _forward(x, scale, bias, real, skip, epsilon, rectified, precision)[0]


def _forward(
    x: jax.Array,
    scale: jax.Array,
    bias: jax.Array,
    real: jax.Array,
    skip: jax.Array | None,
    epsilon: float,
    rectified: bool,
    precision: str,
) -> tuple[Any, Any]:
    x = rounded(x, precision)
    added = () if skip is None else (rounded(skip, precision),)
    line = Out(scale.shape, scale.dtype)
    y, mean, variance = call(
        "norm_forward",
        [Out(x.shape, x.dtype), line, line],
        *(x, scale, bias, real, *added),
        **_attributes(epsilon, rectified),
    )
    saved = (x, scale, bias, mean, variance, real, None if skip is None else y)
    return (y.astype(jnp.float32), mean, variance), saved


def _backward(
    epsilon: float, rectified: bool, precision: str, saved: Any, slopes: tuple[jax.Array, ...]
) -> tuple[jax.Array | None, ...]:
    x, scale, bias, mean, variance, real, y = saved
    image, line = Out(x.shape, x.dtype), Out(scale.shape, scale.dtype)
    dx, dscale, dbias, *dskip = call(
        "norm_backward",
        [image, line, line] if y is None else [image, line, line, image],
        *(x, rounded(slopes[0], precision), scale, bias, mean, variance, real, *([] if y is None else [y])),
        **_attributes(epsilon, rectified),
    )
    into_skip = dskip[0].astype(jnp.float32) if dskip else None
    return dx.astype(jnp.float32), dscale, dbias, jnp.zeros_like(real), into_skip


batch_norm.defvjp(_forward, _backward)


def _attributes(epsilon: float, rectified: bool) -> dict[str, Any]:
    return {"epsilon": np.float32(epsilon), "clip": np.bool_(rectified)}
