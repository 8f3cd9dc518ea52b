"""BERT: a Transformer encoder of texts, such as MiniLM.

Reference: Devlin et al. (2019), "BERT: Pre-training of deep bidirectional Transformers for language understanding";
of MiniLM, Wang et al. (2020), "MiniLM: Deep self-attention distillation", and Reimers and Gurevych (2019).
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.core.errors import BackboneError
from netwright.models._blocks import masked_mean
from netwright.models.backbones._blocks import PUBLISHED, START, Inner
from netwright.models.backbones._checkpoint import Checkpoint, torch_kernel
from netwright.models.backbones._settings import Hub, number, only, whole, word
from netwright.nn.attention import SelfAttention
from netwright.nn.embedding import Embedding, Positions
from netwright.nn.layer_norm import LayerNorm

KIND = "text"
"""What this family reads."""
FIRST_CODE = 0
"""The code of the tokenizer's number 0, which is padding here."""


@dataclass(frozen=True)
class Config:
    """The settings of one BERT.

    Attributes:
      vocabulary: tokens; places: the longest text; segments: kinds of sentence, of which the first is used.
      width: features of a token; blocks, heads; inner: width of the dense layer within a block.
      activation, epsilon: of that layer, and of the normalizations.
      pooling: features of a text are the "mean" over its tokens, or those of its first one ("first").
    """

    vocabulary: int
    places: int
    segments: int
    width: int
    blocks: int
    heads: int
    inner: int
    activation: str
    epsilon: float
    pooling: str


class Stem(nnx.Module):
    """Token + place + segment, normalized."""

    def __init__(self, config: Config, rngs: nnx.Rngs) -> None:
        width = config.width
        self.tokens = Embedding(config.vocabulary, width, deviation=START.scale, rngs=rngs)
        self.places = Positions(config.places, width, deviation=START.scale, rngs=rngs)
        self.segments = Embedding(config.segments, width, deviation=START.scale, rngs=rngs)
        self.norm = LayerNorm(width, epsilon=config.epsilon)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map token codes (m, T) to vectors (m, T, width)."""
        return self.norm(self.places(self.tokens(x) + self.segments(jnp.zeros((1, 1)))))


class Block(nnx.Module):
    """One post-norm block: ``norm(x + attention(x))``, then ``norm(x + W₂ g(W₁ x))``."""

    def __init__(self, config: Config, rngs: nnx.Rngs) -> None:
        width = config.width
        self.attention = SelfAttention(width, config.heads, kernel=START, out=START, rngs=rngs)
        self.attention_norm = LayerNorm(width, epsilon=config.epsilon)
        self.inner = Inner(width, config.inner, config.activation, rngs)
        self.norm = LayerNorm(width, epsilon=config.epsilon)

    def __call__(self, x: jax.Array, mask: jax.Array) -> jax.Array:
        """Map ``x`` (m, T, width) to the same shape; steps where ``mask`` (m, T) is False are not looked at."""
        x = self.attention_norm(x + self.attention(x, mask))
        return self.norm(x + self.inner(x))


class Bert(nnx.Module):
    """Token codes → stem → blocks → the mean over real tokens, or the first one."""

    def __init__(self, config: Config, rngs: nnx.Rngs) -> None:
        self.stem = Stem(config, rngs)
        self.blocks = nnx.List([Block(config, rngs) for _ in range(config.blocks)])
        self.pooling = config.pooling
        self.n_out = config.width

    def hidden(self, x: jax.Array) -> jax.Array:
        """Map token codes ``x`` (m, T), 0 after the end, to vectors (m, T, width)."""
        a = self.stem(x)
        for block in self.blocks:
            a = block(a, x > 0)
        return a

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map token codes ``x`` (m, T), 0 after the end, to features (m, width)."""
        a = self.hidden(x)
        return a[:, 0] if self.pooling == "first" else masked_mean(a, x > 0)


def bert(config: Config, rngs: nnx.Rngs) -> Bert:
    """Build the network at random weights."""
    return Bert(config, rngs)


def settings(hub: Hub) -> Config:
    """Read the hub's ``config.json``; ``pooling`` is what sentence-transformers' pooling file says.

    Raises:
      BackboneError: a setting is missing, out of range, or stands for what netwright does not have.
    """
    only(hub, "position_embedding_type", "absolute")
    only(hub, "is_decoder", False)
    only(hub, "pad_token_id", 0)
    config = Config(
        vocabulary=whole(hub, "vocab_size", most=1 << 22),
        places=whole(hub, "max_position_embeddings", most=1 << 16),
        segments=whole(hub, "type_vocab_size", most=1 << 10),
        width=whole(hub, "hidden_size", most=1 << 14),
        blocks=whole(hub, "num_hidden_layers", most=256),
        heads=whole(hub, "num_attention_heads", most=256),
        inner=whole(hub, "intermediate_size", most=1 << 16),
        activation=word(hub, "hidden_act", "gelu", PUBLISHED),
        epsilon=number(hub, "layer_norm_eps", 1e-12),
        pooling=word(hub, "pooling", "mean", {"mean": "mean", "first": "first"}),
    )
    if config.width % config.heads:
        raise BackboneError(f"{config.heads} heads do not divide {config.width} features, expected a divisor")
    return config


_LAYER = r"(?:bert\.)?encoder\.layer\.(\d+)\."
# The oldest files call γ and β by their letters.
_SCALE, _BIAS = r"\.(?:weight|gamma)", r"\.(?:bias|beta)"

CHECKPOINT = Checkpoint(
    rules=(
        (r"(?:bert\.)?embeddings\.word_embeddings\.weight", r"stem.tokens.embedding"),
        (r"(?:bert\.)?embeddings\.position_embeddings\.weight", r"stem.places.embedding"),
        (r"(?:bert\.)?embeddings\.token_type_embeddings\.weight", r"stem.segments.embedding"),
        (r"(?:bert\.)?embeddings\.LayerNorm" + _SCALE, r"stem.norm.scale"),
        (r"(?:bert\.)?embeddings\.LayerNorm" + _BIAS, r"stem.norm.bias"),
        (_LAYER + r"attention\.self\.query\.weight", r"blocks.\1.attention.qkv.kernel#0"),
        (_LAYER + r"attention\.self\.key\.weight", r"blocks.\1.attention.qkv.kernel#1"),
        (_LAYER + r"attention\.self\.value\.weight", r"blocks.\1.attention.qkv.kernel#2"),
        (_LAYER + r"attention\.self\.query\.bias", r"blocks.\1.attention.qkv.bias#0"),
        (_LAYER + r"attention\.self\.key\.bias", r"blocks.\1.attention.qkv.bias#1"),
        (_LAYER + r"attention\.self\.value\.bias", r"blocks.\1.attention.qkv.bias#2"),
        (_LAYER + r"attention\.output\.dense\.weight", r"blocks.\1.attention.out.kernel"),
        (_LAYER + r"attention\.output\.dense\.bias", r"blocks.\1.attention.out.bias"),
        (_LAYER + r"attention\.output\.LayerNorm" + _SCALE, r"blocks.\1.attention_norm.scale"),
        (_LAYER + r"attention\.output\.LayerNorm" + _BIAS, r"blocks.\1.attention_norm.bias"),
        (_LAYER + r"intermediate\.dense\.weight", r"blocks.\1.inner.wide.kernel"),
        (_LAYER + r"intermediate\.dense\.bias", r"blocks.\1.inner.wide.bias"),
        (_LAYER + r"output\.dense\.weight", r"blocks.\1.inner.narrow.kernel"),
        (_LAYER + r"output\.dense\.bias", r"blocks.\1.inner.narrow.bias"),
        (_LAYER + r"output\.LayerNorm" + _SCALE, r"blocks.\1.norm.scale"),
        (_LAYER + r"output\.LayerNorm" + _BIAS, r"blocks.\1.norm.bias"),
    ),
    ignored=(
        r"(?:bert\.)?embeddings\.position_ids",
        r"(?:bert\.)?embeddings\.token_type_ids",
        r"(?:bert\.)?pooler\..*",
        r"cls\..*",
        r"classifier\..*",
        r"qa_outputs\..*",
    ),
    kernel=torch_kernel,
)
