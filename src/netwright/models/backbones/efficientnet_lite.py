"""EfficientNet-Lite: EfficientNet without squeeze-and-excitation, with ReLU6 in place of swish.

Reference: Tan and Le (2019), "EfficientNet: Rethinking model scaling for convolutional neural networks", table 1; of
the Lite form, Liu (2020), "Higher accuracy on vision models with EfficientNet-Lite".
"""

import math
from dataclasses import dataclass

import jax
from flax import nnx

from netwright.models.backbones._checkpoint import Checkpoint, torch_kernel
from netwright.models.backbones._inverted import ConvNorm, InvertedResidual, rounded
from netwright.models.backbones._settings import Hub, number
from netwright.nn.pooling import global_average

KIND = "image"
"""What this family reads."""
STAGES = (
    (1, 3, 16, 1, 1),
    (6, 3, 24, 2, 2),
    (6, 5, 40, 2, 2),
    (6, 3, 80, 3, 2),
    (6, 5, 112, 3, 1),
    (6, 5, 192, 4, 2),
    (6, 3, 320, 1, 1),
)
"""Expansion, kernel size, channels, blocks and the first block's stride of each stage of Lite0."""
STEM, TOP = 32, 1280
"""Channels of the first and of the last convolution, in all of the family."""


@dataclass(frozen=True)
class Config:
    """The settings: ``width`` multiplies the channels of the stages, ``depth`` the blocks of the inner ones."""

    width: float = 1.0
    depth: float = 1.0


class EfficientNetLite(nnx.Module):
    """Image → convolution → inverted residual blocks → 1 × 1 convolution → mean over the map."""

    def __init__(self, config: Config, rngs: nnx.Rngs) -> None:
        n_in = STEM
        self.stem = ConvNorm(3, n_in, rngs, size=3, stride=2)
        blocks: list[InvertedResidual] = []
        for place, (expansion, size, channels, count, first) in enumerate(STAGES):
            n_out = rounded(channels * config.width)
            # The ends of the Lite form are not scaled.
            repeats = count if place in (0, len(STAGES) - 1) else math.ceil(count * config.depth)
            for stride in (first, *[1] * (repeats - 1)):
                blocks.append(
                    InvertedResidual(n_in, n_out, rngs, size=size, stride=stride, expansion=expansion)
                )
                n_in = n_out
        self.blocks = nnx.List(blocks)
        self.top = ConvNorm(n_in, TOP, rngs)
        self.n_out = TOP

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map images ``x`` (m, H, W, 3), by the backbone's preprocessing from −1 to 1, to features (m, n_out)."""
        a = self.stem(x)
        for block in self.blocks:
            a = block(a)
        return global_average(self.top(a))


def efficientnet_lite(config: Config, rngs: nnx.Rngs) -> EfficientNetLite:
    """Build the network at random weights."""
    return EfficientNetLite(config, rngs)


def settings(hub: Hub) -> Config:
    """Read ``config.json``: "width_coefficient" and "depth_coefficient", both 1 for Lite0.

    Raises:
      BackboneError: one of them is no number above 0.
    """
    return Config(
        width=number(hub, "width_coefficient", 1.0, most=16),
        depth=number(hub, "depth_coefficient", 1.0, most=16),
    )


_NORM = (("weight", "scale"), ("bias", "bias"), ("running_mean", "mean"), ("running_var", "var"))
_PARTS = (
    (r"_conv_stem", r"_bn0", r"stem"),
    (r"_blocks\.(\d+)\._expand_conv", r"_blocks\.(\d+)\._bn0", r"blocks.\1.expand"),
    (r"_blocks\.(\d+)\._depthwise_conv", r"_blocks\.(\d+)\._bn1", r"blocks.\1.depthwise"),
    (r"_blocks\.(\d+)\._project_conv", r"_blocks\.(\d+)\._bn2", r"blocks.\1.project"),
    (r"_conv_head", r"_bn1", r"top"),
)
"""Convolution, normalization and our name for both."""

CHECKPOINT = Checkpoint(
    rules=(
        *((rf"{conv}\.weight", rf"{ours}.conv.kernel") for conv, _, ours in _PARTS),
        *(
            (rf"{norm}\.{theirs}", rf"{place}.norm.{ours}")
            for _, norm, place in _PARTS
            for theirs, ours in _NORM
        ),
    ),
    ignored=(r".*num_batches_tracked", r"_fc\..*"),
    kernel=torch_kernel,
)
