"""ResNet as it was pretrained on ImageNet: basic blocks, or bottlenecks with the stride in the 3 × 3 convolution.

Reference: He et al. (2016), "Deep residual learning for image recognition", table 1.
"""

from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

import jax
import jax.numpy as jnp
from flax import nnx
from jax import lax

from netwright.core.errors import BackboneError
from netwright.models.backbones._checkpoint import Checkpoint, torch_kernel
from netwright.models.backbones._settings import Hub, only, whole, wholes, word
from netwright.nn.activations.relu import relu
from netwright.nn.batch_norm import BatchNorm
from netwright.nn.initializers.he_normal import he_normal
from netwright.nn.kernels.conv import conv2d
from netwright.nn.kernels.portable import portable
from netwright.nn.pooling import global_average

KIND = "image"
"""What this family reads."""
NARROWER = 4
"""The width of a bottleneck's output over that of its 3 × 3 convolution."""


@dataclass(frozen=True)
class Config:
    """The settings of one ResNet.

    Attributes:
      channels: of the image; stem: channels of the first convolution.
      widths, depths: channels and blocks of each stage.
      bottleneck: whether the blocks are bottlenecks.
      halve_first: whether the first stage, too, halves the map.
    """

    channels: int
    stem: int
    widths: tuple[int, ...]
    depths: tuple[int, ...]
    bottleneck: bool
    halve_first: bool


class ConvNorm(nnx.Module):
    """Convolution with (size − 1)/2 zeros on every side, as PyTorch pads, → batch normalization."""

    def __init__(self, n_in: int, n_out: int, rngs: nnx.Rngs, *, size: int = 1, stride: int = 1) -> None:
        self.kernel = nnx.Param(he_normal()(rngs.params(), (size, size, n_in, n_out)))
        self.norm = BatchNorm(n_out, rngs=rngs)
        self.strides = (stride, stride)
        self.precision = "float32"

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, H, W, n_in) to (m, ⌈H/stride⌉, ⌈W/stride⌉, n_out)."""
        kernel = self.kernel[...]
        x = _padded(x, len(kernel) // 2, 0)
        return self.norm(conv2d(x, kernel, strides=self.strides, padding="VALID", precision=self.precision))


class Stem(nnx.Module):
    """7 × 7 convolution → ReLU → the maximum of 3 × 3 places, each with stride 2."""

    def __init__(self, config: Config, rngs: nnx.Rngs) -> None:
        self.conv = ConvNorm(config.channels, config.stem, rngs, size=7, stride=2)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map images ``x`` (m, H, W, C) to (m, ⌈H/4⌉, ⌈W/4⌉, n_out)."""
        a = relu(self.conv(x))
        height, width = (2 * (-(-side // 2)) - 1 for side in a.shape[1:3])
        a = _padded(a, 1, -jnp.inf)
        return reduce(
            jnp.maximum,
            [a[:, i : i + height : 2, j : j + width : 2] for i in range(3) for j in range(3)],
        )


class Block(nnx.Module):
    """``relu(x + F(x))``, F of two 3 × 3 convolutions, or of a 3 × 3 between two of 1 × 1 in a bottleneck."""

    def __init__(self, n_in: int, n_out: int, rngs: nnx.Rngs, *, bottleneck: bool, stride: int) -> None:
        inner = n_out // NARROWER if bottleneck else n_out
        widths = (n_in, inner, inner, n_out) if bottleneck else (n_in, n_out, n_out)
        sizes = (1, 3, 1) if bottleneck else (3, 3)
        strides = (1, stride, 1) if bottleneck else (stride, 1)
        self.layers = nnx.List(
            [
                ConvNorm(before, after, rngs, size=size, stride=step)
                for (before, after), size, step in zip(pairwise(widths), sizes, strides, strict=True)
            ]
        )
        same = stride == 1 and n_in == n_out
        self.shortcut = None if same else ConvNorm(n_in, n_out, rngs, stride=stride)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, H, W, n_in) to (m, ⌈H/stride⌉, ⌈W/stride⌉, n_out)."""
        *first, last = self.layers
        a = x
        for layer in first:
            a = relu(layer(a))
        return relu(last(a) + (self.shortcut(x) if self.shortcut else x))


class Stage(nnx.Module):
    """Blocks of one width, the first of which may halve the map."""

    def __init__(
        self, n_in: int, n_out: int, depth: int, rngs: nnx.Rngs, *, bottleneck: bool, stride: int
    ) -> None:
        first = Block(n_in, n_out, rngs, bottleneck=bottleneck, stride=stride)
        others = [Block(n_out, n_out, rngs, bottleneck=bottleneck, stride=1) for _ in range(depth - 1)]
        self.layers = nnx.List([first, *others])

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, H, W, n_in) to (m, ⌈H/stride⌉, ⌈W/stride⌉, n_out)."""
        for layer in self.layers:
            x = layer(x)
        return x


class ResNet(nnx.Module):
    """Image → stem → stages, which are its ``blocks`` → mean over the map."""

    def __init__(self, config: Config, rngs: nnx.Rngs) -> None:
        self.stem = Stem(config, rngs)
        strides = (2 if config.halve_first else 1, *[2] * (len(config.widths) - 1))
        sides = pairwise((config.stem, *config.widths))
        self.blocks = nnx.List(
            [
                Stage(n_in, n_out, depth, rngs, bottleneck=config.bottleneck, stride=stride)
                for (n_in, n_out), depth, stride in zip(sides, config.depths, strides, strict=True)
            ]
        )
        self.n_out = config.widths[-1]

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map images ``x`` (m, H, W, C) to features (m, n_out)."""
        a = self.stem(x)
        for block in self.blocks:
            a = block(a)
        return global_average(a)


def resnet(config: Config, rngs: nnx.Rngs) -> ResNet:
    """Build the network at random weights."""
    return ResNet(config, rngs)


def settings(hub: Hub) -> Config:
    """Read the hub's ``config.json``.

    Raises:
      BackboneError: a setting is missing, out of range, or stands for what netwright does not have.
    """
    only(hub, "hidden_act", "relu")
    only(hub, "downsample_in_bottleneck", False)
    kind = word(hub, "layer_type", "bottleneck", {"basic": "basic", "bottleneck": "bottleneck"})
    config = Config(
        channels=whole(hub, "num_channels", 3, most=16),
        stem=whole(hub, "embedding_size", 64, most=1 << 12),
        widths=wholes(hub, "hidden_sizes", (256, 512, 1024, 2048), most=1 << 14),
        depths=wholes(hub, "depths", (3, 4, 6, 3), most=256),
        bottleneck=kind == "bottleneck",
        halve_first=bool(hub.get("downsample_in_first_stage", False)),
    )
    if len(config.widths) != len(config.depths):
        raise BackboneError(
            f"{len(config.widths)} hidden_sizes and {len(config.depths)} depths, expected as many"
        )
    return config


def _padded(x: jax.Array, around: int, value: float) -> jax.Array:
    if around and portable():  # jax2onnx pads no batch of unknown size
        for axis in (1, 2):
            rim = jnp.full_like(lax.slice_in_dim(x, 0, around, axis=axis), value)
            x = jnp.concatenate([rim, x, rim], axis)
        return x
    sides = (around, around)
    return jnp.pad(x, ((0, 0), sides, sides, (0, 0)), constant_values=value) if around else x


_NORM = (("weight", "scale"), ("bias", "bias"), ("running_mean", "mean"), ("running_var", "var"))
_STAGE, _OURS = r"(?:resnet\.)?encoder\.stages\.(\d+)\.layers\.(\d+)\.", r"blocks.\1.layers.\2."
_PARTS = (
    (r"(?:resnet\.)?embedder\.embedder\.", r"stem.conv."),
    (_STAGE + r"shortcut\.", _OURS + r"shortcut."),
    (_STAGE + r"layer\.(\d+)\.", _OURS + r"layers.\3."),
)
"""The words for a convolution with its normalization: the hub's and ours."""

CHECKPOINT = Checkpoint(
    rules=(
        *((theirs + r"convolution\.weight", ours + r"kernel") for theirs, ours in _PARTS),
        *(
            (theirs + rf"normalization\.{word}", ours + rf"norm.{name}")
            for theirs, ours in _PARTS
            for word, name in _NORM
        ),
    ),
    ignored=(r".*num_batches_tracked", r"classifier\..*"),
    kernel=torch_kernel,
)
