"""Two-dimensional convolution, NHWC by HWIO."""

from typing import Literal

import jax
import jax.numpy as jnp
from jax import lax

NUMBERS = ("NHWC", "HWIO", "NHWC")


def conv2d(
    x: jax.Array,
    w: jax.Array,
    *,
    strides: tuple[int, int] = (1, 1),
    padding: Literal["SAME", "VALID"] = "SAME",
    precision: str = "float32",
) -> jax.Array:
    """Return ``y[n,i,j,o] = Σ_{u,v,c} x[n, s₁i+u−p₁, s₂j+v−p₂, c] · w[u,v,c,o]``.

    Args:
      x: (m, H, W, C); w: (h, w, C, O).
      strides: (s₁, s₂); padding: zeros around the image, as many as keep ⌈H/s₁⌉ rows ("SAME"), or none.
      precision: "mixed" multiplies in bfloat16 and accumulates in float32.
    """
    if precision == "mixed":
        x, w = x.astype(jnp.bfloat16), w.astype(jnp.bfloat16)
    return lax.conv_general_dilated(x, w, strides, padding, dimension_numbers=NUMBERS).astype(jnp.float32)
