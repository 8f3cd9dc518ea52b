"""Two-dimensional convolution, NHWC by HWIO, in the formulation that is fastest for the shape and the backend."""

from functools import partial
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax import lax
from jax.custom_batching import sequential_vmap

from netwright.nn.kernels import _conv_cpu, native
from netwright.nn.kernels.portable import portable

Strides = tuple[int, int]


def conv2d(
    x: jax.Array,
    w: jax.Array,
    b: jax.Array | None = None,
    *,
    strides: Strides = (1, 1),
    padding: Literal["SAME", "VALID"] = "SAME",
    precision: str = "float32",
) -> jax.Array:
    """Return ``y[n,i,j,o] = Σ_{u,v,c} x[n, s₁i+u−p₁, s₂j+v−p₂, c] · w[u,v,c,o] + b[o]``.

    Args:
      x: (m, H, W, C); w: (h, w, C, O); b: (O,), or None for no bias.
      strides: (s₁, s₂); padding: zeros around the image, as many as keep ⌈H/s₁⌉ rows ("SAME"), or none.
      precision: "mixed" rounds the factors to bfloat16 and accumulates in float32.
    """
    y: Any = native.conv2d(x, w, b, strides, padding, precision)
    if y is None:
        y = _convolved(x, w, strides, padding, precision)
        y = y if b is None else y + b.reshape(1, 1, 1, -1)
    return y


def _convolved(x: jax.Array, w: jax.Array, strides: Strides, padding: str, precision: str) -> jax.Array:
    if jax.default_backend() == "cpu" and not portable():
        (top, bottom), (left, right) = lax.padtype_to_pads(x.shape[1:3], w.shape[:2], strides, padding)
        return _on_cpu(x, w, strides, ((top, bottom), (left, right)), precision)
    if precision == "mixed":
        x, w = x.astype(jnp.bfloat16), w.astype(jnp.bfloat16)
    y: Any = lax.conv_general_dilated(x, w, strides, padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return y.astype(jnp.float32) if precision == "mixed" else y


@partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4))
def _on_cpu(x: jax.Array, w: jax.Array, strides: Strides, pads: _conv_cpu.Pads, precision: str) -> jax.Array:
    return _forward(x, w, strides, pads, precision)[0]


def _forward(
    x: jax.Array, w: jax.Array, strides: Strides, pads: _conv_cpu.Pads, precision: str
) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    x, w = _rounded(x, precision), _rounded(w, precision)

    @sequential_vmap
    def members(x: jax.Array, w: jax.Array) -> jax.Array:
        return _conv_cpu.correlate(x, w, strides, pads)

    y: Any = members(x, w)
    return y, (x, w)


def _backward(
    strides: Strides,
    pads: _conv_cpu.Pads,
    precision: str,
    saved: tuple[jax.Array, jax.Array],
    slope: jax.Array,
) -> tuple[jax.Array, jax.Array]:
    @sequential_vmap
    def by_input(slope: jax.Array, w: jax.Array, x: jax.Array) -> jax.Array:
        return _conv_cpu.input_slope(slope, w, (x.shape[1], x.shape[2]), strides, pads)

    @sequential_vmap
    def by_kernel(x: jax.Array, slope: jax.Array, w: jax.Array) -> jax.Array:
        return _conv_cpu.weight_slope(x, slope, (w.shape[0], w.shape[1]), strides, pads)

    x, w = saved
    slope = _rounded(slope, precision)
    dx: Any = by_input(slope, w, x)
    dw: Any = by_kernel(x, slope, w)
    return dx, dw


_on_cpu.defvjp(_forward, _backward)


def _rounded(x: jax.Array, precision: str) -> jax.Array:
    return x.astype(jnp.bfloat16).astype(jnp.float32) if precision == "mixed" else x
