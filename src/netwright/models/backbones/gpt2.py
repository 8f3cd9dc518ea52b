"""GPT-2: a Transformer that reads a text from left to right.

Reference: Radford et al. (2019), "Language models are unsupervised multitask learners".
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.core.errors import BackboneError
from netwright.models.backbones._blocks import PUBLISHED, START, Block
from netwright.models.backbones._checkpoint import Checkpoint, as_it_lies
from netwright.models.backbones._settings import Hub, number, only, whole, word
from netwright.nn.embedding import Embedding, Positions
from netwright.nn.layer_norm import LayerNorm

KIND = "text"
"""What this family reads."""
FIRST_CODE = 1
"""The code of the tokenizer's number 0: GPT-2 has no padding, and code 0 is padding."""


@dataclass(frozen=True)
class Config:
    """The settings of one GPT-2.

    Attributes:
      vocabulary: tokens; places: the longest text.
      width: features of a token; blocks, heads; inner: width of the dense layer within a block.
      activation, epsilon: of that layer, and of the normalizations.
    """

    vocabulary: int
    places: int
    width: int
    blocks: int
    heads: int
    inner: int
    activation: str
    epsilon: float


class Stem(nnx.Module):
    """Token + place."""

    def __init__(self, config: Config, rngs: nnx.Rngs) -> None:
        self.tokens = Embedding(config.vocabulary, config.width, deviation=START.scale, rngs=rngs)
        self.places = Positions(config.places, config.width, deviation=START.scale, rngs=rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map token codes (m, T) to vectors (m, T, width); what stands at padding is read by nothing."""
        return self.places(self.tokens(jnp.maximum(x.astype(jnp.int32) - FIRST_CODE, 0)))


class GPT2(nnx.Module):
    """Token codes → stem → blocks, in which no token sees a later one → normalization → the last real token."""

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

    def hidden(self, x: jax.Array) -> jax.Array:
        """Map token codes ``x`` (m, T), 0 after the end, to vectors (m, T, width)."""
        a = self.stem(x)
        # Padding comes after the end, so that looking back alone hides it from every real token.
        earlier = jnp.tri(x.shape[1], dtype=bool)[None]
        for block in self.blocks:
            a = block(a, earlier)
        return self.top(a)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map token codes ``x`` (m, T), 0 after the end, to features (m, width): only the last token saw all."""
        last = jnp.maximum(jnp.sum(x > 0, axis=1, dtype=jnp.int32) - 1, 0)
        return jnp.take_along_axis(self.hidden(x), last[:, None, None], axis=1)[:, 0]


def gpt2(config: Config, rngs: nnx.Rngs) -> GPT2:
    """Build the network at random weights."""
    return GPT2(config, rngs)


def settings(hub: Hub) -> Config:
    """Read the hub's ``config.json``.

    Raises:
      BackboneError: a setting is missing, out of range, or stands for what netwright does not have.
    """
    only(hub, "add_cross_attention", False)
    only(hub, "scale_attn_weights", True)
    only(hub, "scale_attn_by_inverse_layer_idx", False)
    width = whole(hub, "n_embd", most=1 << 14)
    inner = hub.get("n_inner") or 4 * width
    config = Config(
        vocabulary=whole(hub, "vocab_size", most=1 << 22),
        places=whole(hub, "n_positions", most=1 << 16),
        width=width,
        blocks=whole(hub, "n_layer", most=256),
        heads=whole(hub, "n_head", most=256),
        inner=whole({"n_inner": inner}, "n_inner", most=1 << 16),
        activation=word(hub, "activation_function", "gelu_new", PUBLISHED),
        epsilon=number(hub, "layer_norm_epsilon", 1e-5),
    )
    if width % config.heads:
        raise BackboneError(f"{config.heads} heads do not divide {width} features, expected a divisor")
    return config


_LAYER = r"(?:transformer\.)?h\.(\d+)\."

CHECKPOINT = Checkpoint(
    rules=(
        (r"(?:transformer\.)?wte\.weight", r"stem.tokens.embedding"),
        (r"(?:transformer\.)?wpe\.weight", r"stem.places.embedding"),
        (_LAYER + r"ln_1\.weight", r"blocks.\1.attention_norm.scale"),
        (_LAYER + r"ln_1\.bias", r"blocks.\1.attention_norm.bias"),
        (_LAYER + r"attn\.c_attn\.weight", r"blocks.\1.attention.qkv.kernel"),
        (_LAYER + r"attn\.c_attn\.bias", r"blocks.\1.attention.qkv.bias"),
        (_LAYER + r"attn\.c_proj\.weight", r"blocks.\1.attention.out.kernel"),
        (_LAYER + r"attn\.c_proj\.bias", r"blocks.\1.attention.out.bias"),
        (_LAYER + r"ln_2\.weight", r"blocks.\1.norm.scale"),
        (_LAYER + r"ln_2\.bias", r"blocks.\1.norm.bias"),
        (_LAYER + r"mlp\.c_fc\.weight", r"blocks.\1.inner.wide.kernel"),
        (_LAYER + r"mlp\.c_fc\.bias", r"blocks.\1.inner.wide.bias"),
        (_LAYER + r"mlp\.c_proj\.weight", r"blocks.\1.inner.narrow.kernel"),
        (_LAYER + r"mlp\.c_proj\.bias", r"blocks.\1.inner.narrow.bias"),
        (r"(?:transformer\.)?ln_f\.weight", r"top.scale"),
        (r"(?:transformer\.)?ln_f\.bias", r"top.bias"),
    ),
    # The masks that PyTorch kept as buffers, and heads.
    ignored=(_LAYER + r"attn\.(?:masked_)?bias", r"lm_head\.weight", r"score\.weight"),
    # Its layers were written as convolutions of size 1, whose kernels are (n_in, n_out).
    kernel=as_it_lies,
)
