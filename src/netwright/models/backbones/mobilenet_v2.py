"""MobileNetV2, with the weights of Keras.

Reference: Sandler et al. (2018), "MobileNetV2: Inverted residuals and linear bottlenecks", table 2.
"""

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from flax import nnx
from numpy.typing import NDArray

from netwright.models.backbones._checkpoint import Checkpoint
from netwright.models.backbones._inverted import ConvNorm, InvertedResidual, rounded
from netwright.models.backbones._settings import Hub, number
from netwright.nn.pooling import global_average

KIND = "image"
"""What this family reads."""
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Expansion, channels, blocks and the first block's stride of each stage."""
STEM, TOP = 32, 1280


@dataclass(frozen=True)
class Config:
    """The settings: ``width`` multiplies the channels (α)."""

    width: float = 1.0


class MobileNetV2(nnx.Module):
    """Image → convolution → 17 inverted residual blocks → 1 × 1 convolution → mean over the map."""

    def __init__(self, config: Config, rngs: nnx.Rngs) -> None:
        n_in = rounded(STEM * config.width)
        self.stem = ConvNorm(3, n_in, rngs, size=3, stride=2)
        blocks: list[InvertedResidual] = []
        for expansion, channels, count, first in STAGES:
            n_out = rounded(channels * config.width)
            for stride in (first, *[1] * (count - 1)):
                blocks.append(InvertedResidual(n_in, n_out, rngs, size=3, stride=stride, expansion=expansion))
                n_in = n_out
        self.blocks = nnx.List(blocks)
        self.n_out = rounded(TOP * max(1.0, config.width))
        self.top = ConvNorm(n_in, self.n_out, rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map images ``x`` (m, H, W, 3), by the backbone's preprocessing from −1 to 1, to features (m, n_out)."""
        a = self.stem(x)
        for block in self.blocks:
            a = block(a)
        return global_average(self.top(a))


def mobilenet_v2(config: Config, rngs: nnx.Rngs) -> MobileNetV2:
    """Build the network at random weights."""
    return MobileNetV2(config, rngs)


def settings(hub: Hub) -> Config:
    """Read ``config.json``: "alpha" is α.

    Raises:
      BackboneError: it is no number above 0.
    """
    return Config(width=number(hub, "alpha", 1.0, most=16))


def _kernel(kernel: NDArray[Any]) -> NDArray[Any]:
    """Turn Keras's depthwise kernel (h, w, C, 1) into (h, w, 1, C); others lie as ours do."""
    return np.swapaxes(kernel, 2, 3) if kernel.ndim == 4 and kernel.shape[3] == 1 else kernel


_NORM = (
    ("gamma", "scale"),
    ("beta", "bias"),
    ("moving_mean", "mean"),
    ("moving_variance", "var"),
)

CHECKPOINT = Checkpoint(
    rules=(
        (r"Conv1/kernel", r"stem.conv.kernel"),
        *((rf"bn_Conv1/{theirs}", rf"stem.norm.{ours}") for theirs, ours in _NORM),
        (r"expanded_conv_(depthwise|project)/(?:depthwise_)?kernel", r"blocks.0.\1.conv.kernel"),
        *(
            (rf"expanded_conv_(depthwise|project)_BN/{theirs}", rf"blocks.0.\1.norm.{ours}")
            for theirs, ours in _NORM
        ),
        (r"block_(\d+)_(expand|depthwise|project)/(?:depthwise_)?kernel", r"blocks.\1.\2.conv.kernel"),
        *(
            (rf"block_(\d+)_(expand|depthwise|project)_BN/{theirs}", rf"blocks.\1.\2.norm.{ours}")
            for theirs, ours in _NORM
        ),
        (r"Conv_1/kernel", r"top.conv.kernel"),
        *((rf"Conv_1_bn/{theirs}", rf"top.norm.{ours}") for theirs, ours in _NORM),
    ),
    ignored=(r"(?:dense|predictions|Logits)(?:_\d+)?/(?:kernel|bias)",),
    kernel=_kernel,
)
