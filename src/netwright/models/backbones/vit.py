"""The Vision Transformer: patches of an image are the steps of a sequence.

Reference: Dosovitskiy et al. (2021), "An image is worth 16x16 words: Transformers for image recognition at scale".
"""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from numpy.typing import NDArray

from netwright.core.errors import BackboneError
from netwright.models.backbones._blocks import PUBLISHED, START, Block
from netwright.models.backbones._checkpoint import Checkpoint, torch_kernel
from netwright.models.backbones._settings import Hub, number, only, whole, word
from netwright.nn.dense import dense
from netwright.nn.layer_norm import LayerNorm

KIND = "image"
"""What this family reads."""


@dataclass(frozen=True)
class Config:
    """The settings of one ViT.

    Attributes:
      image: rows and columns of the image; patch: those of a patch; channels: of the image.
      width: features of a patch; blocks, heads; inner: width of the dense layer within a block.
      activation, epsilon: of that layer, and of the normalizations.
    """

    image: int
    patch: int
    channels: int
    width: int
    blocks: int
    heads: int
    inner: int
    activation: str
    epsilon: float


class Stem(nnx.Module):
    """Patches → vectors, with a learned one before them all, each plus its place's."""

    def __init__(self, config: Config, rngs: nnx.Rngs) -> None:
        self.size = config.patch
        self.patches = dense(config.patch**2 * config.channels, config.width, kernel=START, rngs=rngs)
        steps = 1 + (config.image // config.patch) ** 2
        self.first = nnx.Param(START(rngs.params(), (1, 1, config.width)))
        self.places = nnx.Param(START(rngs.params(), (1, steps, config.width)))

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, H, W, C) to vectors (m, 1 + H/size · W/size, width)."""
        m, height, width, _ = x.shape
        cut = x.reshape(m, height // self.size, self.size, width // self.size, self.size, -1)
        patches = self.patches(cut.swapaxes(2, 3).reshape(m, -1, self.patches.in_features))
        first = self.first[...]
        steps = jnp.concatenate([jnp.broadcast_to(first, (m, *first.shape[1:])), patches], axis=1)
        return steps + self.places[...]


class ViT(nnx.Module):
    """Image → stem → blocks → normalization → the first step, which stands for the whole."""

    def __init__(self, config: Config, rngs: nnx.Rngs) -> None:
        self.stem = Stem(config, rngs)
        self.blocks = nnx.List(
            [
                Block(config.width, config.heads, config.inner, config.activation, config.epsilon, rngs)
                for _ in range(config.blocks)
            ]
        )
        self.top = LayerNorm(config.width, epsilon=config.epsilon)
        self.n_out = config.width

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map images ``x`` (m, H, W, C) of the size that the places were learned for to features (m, width)."""
        a = self.stem(x)
        for block in self.blocks:
            a = block(a)
        return self.top(a[:, 0])


def vit(config: Config, rngs: nnx.Rngs) -> ViT:
    """Build the network at random weights."""
    return ViT(config, rngs)


def settings(hub: Hub) -> Config:
    """Read the hub's ``config.json``.

    Raises:
      BackboneError: a setting is missing, out of range, or stands for what netwright does not have.
    """
    only(hub, "qkv_bias", True)
    config = Config(
        image=whole(hub, "image_size", 224, most=1 << 12),
        patch=whole(hub, "patch_size", 16, most=1 << 10),
        channels=whole(hub, "num_channels", 3, most=16),
        width=whole(hub, "hidden_size", most=1 << 14),
        blocks=whole(hub, "num_hidden_layers", most=256),
        heads=whole(hub, "num_attention_heads", most=256),
        inner=whole(hub, "intermediate_size", most=1 << 16),
        activation=word(hub, "hidden_act", "gelu", PUBLISHED),
        epsilon=number(hub, "layer_norm_eps", 1e-12),
    )
    if config.width % config.heads or config.image % config.patch:
        raise BackboneError(
            f"{config.heads} heads of {config.width} features, patches of {config.patch} in images "
            f"of {config.image}; expected divisors"
        )
    return config


def _kernel(kernel: NDArray[Any]) -> NDArray[Any]:
    """Turn PyTorch's kernels into (n_in, n_out), that of the patches, a convolution's there, too."""
    found = torch_kernel(kernel)
    return found.reshape(-1, found.shape[-1])


_LAYER = r"(?:vit\.)?encoder\.layer\.(\d+)\."

CHECKPOINT = Checkpoint(
    rules=(
        (r"(?:vit\.)?embeddings\.cls_token", r"stem.first"),
        (r"(?:vit\.)?embeddings\.position_embeddings", r"stem.places"),
        (r"(?:vit\.)?embeddings\.patch_embeddings\.projection\.weight", r"stem.patches.kernel"),
        (r"(?:vit\.)?embeddings\.patch_embeddings\.projection\.bias", r"stem.patches.bias"),
        (_LAYER + r"attention\.attention\.query\.weight", r"blocks.\1.attention.qkv.kernel#0"),
        (_LAYER + r"attention\.attention\.key\.weight", r"blocks.\1.attention.qkv.kernel#1"),
        (_LAYER + r"attention\.attention\.value\.weight", r"blocks.\1.attention.qkv.kernel#2"),
        (_LAYER + r"attention\.attention\.query\.bias", r"blocks.\1.attention.qkv.bias#0"),
        (_LAYER + r"attention\.attention\.key\.bias", r"blocks.\1.attention.qkv.bias#1"),
        (_LAYER + r"attention\.attention\.value\.bias", r"blocks.\1.attention.qkv.bias#2"),
        (_LAYER + r"attention\.output\.dense\.weight", r"blocks.\1.attention.out.kernel"),
        (_LAYER + r"attention\.output\.dense\.bias", r"blocks.\1.attention.out.bias"),
        (_LAYER + r"layernorm_before\.weight", r"blocks.\1.attention_norm.scale"),
        (_LAYER + r"layernorm_before\.bias", r"blocks.\1.attention_norm.bias"),
        (_LAYER + r"layernorm_after\.weight", r"blocks.\1.norm.scale"),
        (_LAYER + r"layernorm_after\.bias", r"blocks.\1.norm.bias"),
        (_LAYER + r"intermediate\.dense\.weight", r"blocks.\1.inner.wide.kernel"),
        (_LAYER + r"intermediate\.dense\.bias", r"blocks.\1.inner.wide.bias"),
        (_LAYER + r"output\.dense\.weight", r"blocks.\1.inner.narrow.kernel"),
        (_LAYER + r"output\.dense\.bias", r"blocks.\1.inner.narrow.bias"),
        (r"(?:vit\.)?layernorm\.weight", r"top.scale"),
        (r"(?:vit\.)?layernorm\.bias", r"top.bias"),
    ),
    ignored=(r"(?:vit\.)?pooler\..*", r"classifier\..*", r"(?:vit\.)?embeddings\.mask_token"),
    kernel=_kernel,
)
