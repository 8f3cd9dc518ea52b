"""The depthwise convolution layer."""

from typing import Any

import jax
from flax import nnx

from netwright.nn.kernels.depthwise import depthwise


class DepthwiseConv(nnx.Module):
    """A convolution of images (m, H, W, n) in which each channel has a kernel of its own, without biases.

    Args:
      channels: n.
      size: rows and columns of the kernel, (size, size, 1, n); its fans count size² numbers in.
      stride: pixels from one output to the next; ⌈H/stride⌉ rows are kept.
      kernel: initializer of the kernel.
      rngs: NNX random streams.

    Reference: Howard et al. (2017), "MobileNets", section 3.1.
    """

    def __init__(self, channels: int, *, size: int = 3, stride: int = 1, kernel: Any, rngs: nnx.Rngs) -> None:
        self.kernel = nnx.Param(kernel(rngs.params(), (size, size, 1, channels)))
        self.stride = stride

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, H, W, n) to z (m, ⌈H/stride⌉, ⌈W/stride⌉, n)."""
        return depthwise(x, self.kernel[...], self.stride)
