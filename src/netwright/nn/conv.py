"""The convolution layer: ``Z = X ∗ W + b``."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.nn.kernels.conv import conv2d


class Conv(nnx.Module):
    """A convolution of images (m, H, W, n_in) with a square kernel; "SAME" padding keeps ⌈H/stride⌉ rows.

    Args:
      n_in, n_out: channels.
      size: rows and columns of the kernel, (size, size, n_in, n_out).
      stride: pixels from one output to the next.
      kernel: initializer of the kernel; its fans count the receptive field, n_in · size².
      bias: where the biases start; None: there are none, as before a batch normalization, which subtracts them.
      precision: "mixed" multiplies in bfloat16 and accumulates in float32; parameters stay float32.
      rngs: NNX random streams.
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        *,
        size: int = 3,
        stride: int = 1,
        kernel: Any,
        bias: float | None = 0.0,
        precision: str = "float32",
        rngs: nnx.Rngs,
    ) -> None:
        self.kernel = nnx.Param(kernel(rngs.params(), (size, size, n_in, n_out)))
        self.bias = None if bias is None else nnx.Param(jnp.full(n_out, bias, jnp.float32))
        self.stride = stride
        self.precision = precision

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, H, W, n_in) to z (m, ⌈H/stride⌉, ⌈W/stride⌉, n_out)."""
        strides = (self.stride, self.stride)
        bias = None if self.bias is None else self.bias[...]
        return conv2d(x, self.kernel[...], bias, strides=strides, precision=self.precision)
