"""The convolutional network: stages of convolutions and pooling, then a dense head."""

import jax
from flax import nnx

from netwright.models._conv import ConvBlock, Head, image_shape
from netwright.models._output import output_layer
from netwright.models._spec import ModelSpec

TAKES = ("image",)
"""Layouts that this model reads."""
SMALLEST = 4
"""A map with fewer rows or columns is not pooled: it would lose its last sense of place."""


class CNN(nnx.Module):
    """Image → convolutional blocks, one a width → dense head → linear output.

    Neighbours of equal width form a stage, and a max-pooling ends each stage while the map has four rows and
    columns: (32, 64) pools twice, (32, 32, 64, 64) pools twice, too, after two convolutions each (Simonyan and
    Zisserman, 2015).
    """

    def __init__(self, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        height, width, channels = image_shape(spec.layout)
        blocks: list[ConvBlock] = []
        for n_out, following in zip(spec.hidden, (*spec.hidden[1:], 0), strict=True):
            pool = n_out != following and min(height, width) >= SMALLEST
            blocks.append(ConvBlock(channels, n_out, spec, rngs, pool=pool))
            channels = n_out
            if pool:
                height, width = height // 2, width // 2
        self.image = image_shape(spec.layout)
        self.blocks = nnx.List(blocks)
        self.head = Head(height * width * channels, spec, rngs)
        self.output = output_layer(self.head.n_out, spec, rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, H, W) or (m, H, W, C) to z (m, n_out)."""
        a = x.reshape(-1, *self.image)
        for block in self.blocks:
            a = block(a)
        return self.output(self.head(a.reshape(a.shape[0], -1)))


def cnn(spec: ModelSpec, rngs: nnx.Rngs) -> CNN:
    """Build the model from its spec."""
    return CNN(spec, rngs)
