"""The pre-norm Transformer block that ViT and GPT-2 share."""

from dataclasses import replace

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.nn.activations.gelu import gelu
from netwright.nn.activations.relu import relu
from netwright.nn.activations.silu import silu
from netwright.nn.attention import SelfAttention
from netwright.nn.dense import dense
from netwright.nn.initializers.normal import normal
from netwright.nn.layer_norm import LayerNorm

START = normal(0.02)
"""Where kernels and embeddings of BERT, GPT-2 and ViT start."""


def _by_tanh(x: jax.Array) -> jax.Array:
    return jax.nn.gelu(x, approximate=True)


def _by_tanh_slope(x: jax.Array) -> jax.Array:
    return jax.jvp(_by_tanh, (x,), (jnp.ones_like(x),))[1]


gelu_by_tanh = replace(gelu, function=_by_tanh, derivative=_by_tanh_slope)
"""GELU in the approximation by tanh, with which GPT-2 was trained (Hendrycks and Gimpel, 2016)."""
ACTIVATIONS = {
    "gelu": gelu,
    "gelu_by_tanh": gelu_by_tanh,
    "relu": relu,
    "silu": silu,
}
PUBLISHED = {
    "gelu": "gelu",
    "gelu_new": "gelu_by_tanh",
    "gelu_pytorch_tanh": "gelu_by_tanh",
    "relu": "relu",
    "silu": "silu",
}
"""The hub's words for activations."""


class Inner(nnx.Module):
    """``W₂ g(W₁ x + b₁) + b₂``, of each step by itself."""

    def __init__(self, width: int, inner: int, activation: str, rngs: nnx.Rngs) -> None:
        self.wide = dense(width, inner, kernel=START, rngs=rngs)
        self.activation = ACTIVATIONS[activation]
        self.narrow = dense(inner, width, kernel=START, rngs=rngs)

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map ``x`` (m, T, width) to the same shape."""
        return self.narrow(self.activation(self.wide(x)))


class Block(nnx.Module):
    """``x + attention(norm(x))``, then ``x + inner(norm(x))``."""

    def __init__(
        self, width: int, heads: int, inner: int, activation: str, epsilon: float, rngs: nnx.Rngs
    ) -> None:
        self.attention_norm = LayerNorm(width, epsilon=epsilon)
        self.attention = SelfAttention(width, heads, kernel=START, out=START, rngs=rngs)
        self.norm = LayerNorm(width, epsilon=epsilon)
        self.inner = Inner(width, inner, activation, rngs)

    def __call__(self, x: jax.Array, mask: jax.Array | None = None) -> jax.Array:
        """Map ``x`` (m, T, width) to the same shape; ``mask`` says where a step looks."""
        x = x + self.attention(self.attention_norm(x), mask)
        return x + self.inner(self.norm(x))
