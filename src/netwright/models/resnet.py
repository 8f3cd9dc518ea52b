"""The residual network for small images: stages of basic blocks, each ``a = g(x + F(x))``."""

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.core import catalog
from netwright.models._conv import ConvBlock, ConvNorm, Head, image_shape
from netwright.models._output import output_layer
from netwright.models._spec import ModelSpec
from netwright.nn.pooling import global_average

TAKES = ("image",)
"""Layouts that this model reads."""


class BasicBlock(nnx.Module):
    """Two convolutions around which the input passes unchanged: ``a = g(x + norm(W₂ ∗ g(norm(W₁ ∗ x))))``.

    Where the shape changes, a 1 × 1 convolution with the stride takes the input along (He et al., option B). The
    last γ starts at 0, so that each block starts as the identity and the network as deep as it can already learn
    (Goyal et al., 2017, section 5.1).
    """

    def __init__(self, n_in: int, n_out: int, spec: ModelSpec, rngs: nnx.Rngs, *, stride: int) -> None:
        self.first = ConvNorm(n_in, n_out, spec, rngs, size=spec.kernel_size, stride=stride)
        self.second = ConvNorm(n_out, n_out, spec, rngs, size=spec.kernel_size)
        if self.second.norm:
            self.second.norm.scale = nnx.Param(jnp.zeros(n_out, jnp.float32))
        same = stride == 1 and n_in == n_out
        self.shortcut = None if same else ConvNorm(n_in, n_out, spec, rngs, size=1, stride=stride)
        self.activation = catalog.load("nn.activations", spec.activation)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, H, W, n_in) to a (m, ⌈H/stride⌉, ⌈W/stride⌉, n_out)."""
        skip = self.shortcut(x) if self.shortcut else x
        return self.second.activated(self.first.activated(x, self.activation), self.activation, skip)


class ResNet(nnx.Module):
    """Image → convolution → ``spec.blocks`` basic blocks of each width → mean over the map → head → output.

    Every stage but the first halves the map at its start. ``hidden=(16, 32, 64)``, ``blocks=3`` is ResNet-20.

    Reference: He et al. (2016), "Deep residual learning for image recognition", section 4.2.
    """

    def __init__(self, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        self.image = image_shape(spec.layout)
        width = spec.hidden[0] if spec.hidden else self.image[2]
        blocks: list[nnx.Module] = [ConvBlock(self.image[2], width, spec, rngs)]
        for stage, n_out in enumerate(spec.hidden):
            for place in range(spec.blocks):
                stride = 2 if stage > 0 and place == 0 else 1
                blocks.append(BasicBlock(width, n_out, spec, rngs, stride=stride))
                width = n_out
        self.blocks = nnx.List(blocks)
        self.head = Head(width, spec, rngs)
        self.output = output_layer(self.head.n_out, spec, rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, H, W) or (m, H, W, C) to z (m, n_out)."""
        a = x.reshape(-1, *self.image)
        for block in self.blocks:
            a = block(a)
        return self.output(self.head(global_average(a)))


def resnet(spec: ModelSpec, rngs: nnx.Rngs) -> ResNet:
    """Build the model from its spec."""
    return ResNet(spec, rngs)
