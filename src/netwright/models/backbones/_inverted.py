"""The inverted residual block that MobileNetV2 and EfficientNet-Lite are made of.

Reference: Sandler et al. (2018), "MobileNetV2: Inverted residuals and linear bottlenecks", section 3.
"""

from typing import Any

import jax
from flax import nnx

from netwright.nn._activation import Activation
from netwright.nn.batch_norm import BatchNorm
from netwright.nn.conv import Conv
from netwright.nn.depthwise import DepthwiseConv
from netwright.nn.initializers.he_normal import he_normal

EPSILON = 1e-3
"""Of the normalizations, as TensorFlow's models have it."""
MOMENTUM = 0.99


def _clipped(x: jax.Array) -> jax.Array:
    return jax.nn.relu6(x)


def _inside(x: jax.Array) -> jax.Array:
    return ((x > 0) & (x < 6)).astype(x.dtype)


relu6 = Activation(_clipped, _inside, low=0.0, high=6.0, zero_centred=False, initializer="he_normal")
"""min(max(x, 0), 6); derivative 1 between 0 and 6 (Krizhevsky, 2010)."""


class ConvNorm(nnx.Module):
    """Convolution → batch normalization → (ReLU6)."""

    def __init__(
        self,
        n_in: int,
        n_out: int,
        rngs: nnx.Rngs,
        *,
        size: int = 1,
        stride: int = 1,
        each: bool = False,
        linear: bool = False,
    ) -> None:
        shape: dict[str, Any] = {"size": size, "stride": stride}
        self.conv = (
            DepthwiseConv(n_out, kernel=he_normal(), rngs=rngs, **shape)
            if each
            else Conv(n_in, n_out, kernel=he_normal(), bias=None, rngs=rngs, **shape)
        )
        self.norm = BatchNorm(n_out, momentum=MOMENTUM, epsilon=EPSILON, rngs=rngs)
        self.linear = linear

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, H, W, n_in) to (m, ⌈H/stride⌉, ⌈W/stride⌉, n_out)."""
        z = self.norm(self.conv(x))
        return z if self.linear else relu6(z)


class InvertedResidual(nnx.Module):
    """(1 × 1 to ``expansion`` times the channels) → depthwise → 1 × 1 to n_out, linear; x is added where it fits."""

    def __init__(
        self, n_in: int, n_out: int, rngs: nnx.Rngs, *, size: int, stride: int, expansion: int
    ) -> None:
        inner = expansion * n_in
        self.expand = ConvNorm(n_in, inner, rngs) if expansion > 1 else None
        self.depthwise = ConvNorm(inner, inner, rngs, size=size, stride=stride, each=True)
        self.project = ConvNorm(inner, n_out, rngs, linear=True)
        self.residual = stride == 1 and n_in == n_out

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, H, W, n_in) to (m, ⌈H/stride⌉, ⌈W/stride⌉, n_out)."""
        z = self.project(self.depthwise(self.expand(x) if self.expand else x))
        return x + z if self.residual else z


def rounded(channels: float) -> int:
    """Return a number of channels as a multiple of 8, at least 90 % of what was asked for."""
    near = max(8, int(channels + 4) // 8 * 8)
    return near + 8 if near < 0.9 * channels else near
