"""A convolutional backbone under a Transformer: the places of its last map are what attention looks at."""

import jax
from flax import nnx

from netwright.models._blocks import Encoder, width_of
from netwright.models._conv import ConvBlock, image_shape
from netwright.models._network import Network
from netwright.models._spec import ModelSpec
from netwright.models.cnn import SMALLEST

TAKES = ("image",)
"""Layouts that this model reads."""


class ConvEncoder(nnx.Module):
    """Image → two convolutional blocks with pooling → each place of the map as a step → encoder.

    The second convolution has as many channels as the blocks have features, the first half of them. Convolutions
    see what is near, attention what belongs together anywhere (Xiao et al. 2021, "Early convolutions help
    transformers see better").
    """

    def __init__(self, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        features = width_of(spec)
        height, width, channels = self.image = image_shape(spec.layout)
        blocks: list[ConvBlock] = []
        for n_out in (-(-features // 2), features):
            pool = min(height, width) >= SMALLEST
            blocks.append(ConvBlock(channels, n_out, spec, rngs, pool=pool))
            channels = n_out
            if pool:
                height, width = height // 2, width // 2
        self.blocks = nnx.List(blocks)
        self.encoder = Encoder(features, height * width, spec, rngs)
        self.n_out = self.encoder.n_out

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, H, W) or (m, H, W, C) to features (m, n_out)."""
        a = x.reshape(-1, *self.image)
        for block in self.blocks:
            a = block(a)
        m, height, width, channels = a.shape
        return self.encoder(a.reshape(m, height * width, channels), None)


def cnn_transformer(spec: ModelSpec, rngs: nnx.Rngs) -> Network:
    """Build the model: ``spec.hidden`` has the features of each block, all equal."""
    return Network(ConvEncoder(spec, rngs), spec, rngs)
