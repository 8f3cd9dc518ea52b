"""What the convolutional models share: images with a channel axis, normalized convolutions, and the dense head."""

from itertools import pairwise

import jax
from flax import nnx

from netwright.core import catalog
from netwright.core.layout import Layout
from netwright.models._spec import ModelSpec
from netwright.models.mlp import Block
from netwright.nn._activation import Activation
from netwright.nn.batch_norm import BatchNorm, activated_norm
from netwright.nn.conv import Conv
from netwright.nn.dropout import Dropout
from netwright.nn.pooling import activated_max_pool


class ConvNorm(nnx.Module):
    """Convolution → (batch normalization, which replaces the bias)."""

    def __init__(
        self, n_in: int, n_out: int, spec: ModelSpec, rngs: nnx.Rngs, *, size: int, stride: int = 1
    ) -> None:
        self.conv = Conv(
            n_in,
            n_out,
            size=size,
            stride=stride,
            kernel=spec.initializer(spec.activation),
            bias=None if spec.batch_norm else spec.bias,
            precision=spec.precision,
            rngs=rngs,
        )
        self.norm = BatchNorm(n_out, rngs=rngs) if spec.batch_norm else None
        self.precision = spec.precision

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, H, W, n_in) to z (m, ⌈H/stride⌉, ⌈W/stride⌉, n_out)."""
        return self.activated(x, None)

    def activated(
        self, x: jax.Array, activation: Activation | None, skip: jax.Array | None = None
    ) -> jax.Array:
        """Map ``x`` to ``g(z + skip)``, of z's shape; without an activation g, or a skip, leave it out."""
        z = self.conv(x)
        if self.norm:
            return activated_norm(self.norm, z, activation, skip, precision=self.precision)
        z = z if skip is None else z + skip
        return z if activation is None else activation(z)


class ConvBlock(ConvNorm):
    """One convolutional layer: convolution → (batch normalization) → activation → (max-pooling 2 × 2)."""

    def __init__(self, n_in: int, n_out: int, spec: ModelSpec, rngs: nnx.Rngs, *, pool: bool = False) -> None:
        super().__init__(n_in, n_out, spec, rngs, size=spec.kernel_size)
        self.activation = catalog.load("nn.activations", spec.activation)
        self.pool = pool

    def __call__(self, a: jax.Array) -> jax.Array:
        """Map a[l−1] (m, H, W, n_in) to a[l] (m, H, W, n_out), of half the height and width if pooled."""
        if self.pool:
            return activated_max_pool(self.activation, super().__call__(a), precision=self.precision)
        return self.activated(a, self.activation)


class Head(nnx.Module):
    """(Dropout) → a hidden dense layer for each width of ``spec.head``."""

    def __init__(self, n_in: int, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        widths = (n_in, *spec.head)
        self.n_out = widths[-1]
        self.dropout = Dropout(0.0, scaling=spec.dropout_scaling, rngs=rngs) if spec.dropout else None
        self.hidden = nnx.List([Block(before, after, spec, rngs) for before, after in pairwise(widths)])

    def __call__(self, a: jax.Array) -> jax.Array:
        """Map ``a`` (m, n_in) to (m, n_out)."""
        a = self.dropout(a) if self.dropout else a
        for block in self.hidden:
            a = block(a)
        return a


def image_shape(layout: Layout) -> tuple[int, int, int]:
    """Return (H, W, C) of an image layout, which may leave out a single channel."""
    height, width, channels = (*layout.shape, 1)[:3]
    return height, width, channels
