"""The blocks of a Transformer encoder."""

import math
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.core import catalog
from netwright.core.errors import ControlError
from netwright.models._spec import ModelSpec
from netwright.nn.attention import SelfAttention
from netwright.nn.batch_norm import BatchNorm
from netwright.nn.dense import dense
from netwright.nn.dropout import Dropout
from netwright.nn.embedding import Positions
from netwright.nn.layer_norm import LayerNorm

WIDER = 4
"""The inner layer's width over the block's, as in Vaswani et al. (2017)."""


@dataclass(frozen=True)
class Scaled:
    """An initializer times a factor; equal arguments make equal initializers."""

    initializer: Any
    factor: float

    def __call__(self, *arguments: Any) -> jax.Array:
        """Return the scaled draw."""
        return self.factor * self.initializer(*arguments)


class Block(nnx.Module):
    """One pre-norm block: ``x + attention(norm(x))``, then ``x + W₂ g(W₁ norm(x))``, each with dropout.

    Normalization inside the branches keeps the gradient's size at every depth, without warm-up (Xiong et al. 2020,
    "On layer normalization in the Transformer architecture").
    """

    def __init__(self, features: int, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        # 2L branches add up in the residual stream: GPT-2 (Radford et al. 2019, section 2.3) shrinks each so.
        branch = spec.initializer("linear")
        out = Scaled(branch, 1 / math.sqrt(2 * len(spec.hidden))) if spec.kernel == "auto" else branch
        shared: dict[str, Any] = {"bias": spec.bias, "precision": spec.precision, "rngs": rngs}
        self.attention_norm = LayerNorm(features)
        self.attention = SelfAttention(features, spec.heads, kernel=branch, out=out, **shared)
        self.norm = LayerNorm(features)
        inner = WIDER * features
        self.wide = dense(features, inner, kernel=spec.initializer(spec.activation), **shared)
        self.activation = catalog.load("nn.activations", spec.activation)
        self.narrow = dense(inner, features, kernel=out, **shared)
        self.dropouts = nnx.List(
            [Dropout(0.0, scaling=spec.dropout_scaling, rngs=rngs) for _ in range(2 * spec.dropout)]
        )

    def __call__(self, x: jax.Array, mask: jax.Array | None) -> jax.Array:
        """Map ``x`` (m, T, n) to (m, T, n)."""
        x = x + self._dropped(0, self.attention(self.attention_norm(x), mask))
        return x + self._dropped(1, self.narrow(self.activation(self.wide(self.norm(x)))))

    def _dropped(self, place: int, branch: jax.Array) -> jax.Array:
        return self.dropouts[place](branch) if self.dropouts else branch


class Encoder(nnx.Module):
    """Steps (m, T, C) → features and places → blocks → normalization → mean over the real steps.

    Args:
      n_in: C; steps: T.
      spec: ``spec.hidden`` has the features of each block, all equal.
      rngs: NNX random streams.

    Raises:
      ControlError: the blocks' widths differ, or the heads do not divide them.
    """

    def __init__(self, n_in: int, steps: int, spec: ModelSpec, rngs: nnx.Rngs) -> None:
        features = width_of(spec)
        self.enter = dense(
            n_in,
            features,
            kernel=spec.initializer("linear"),
            bias=spec.bias,
            precision=spec.precision,
            rngs=rngs,
        )
        self.positions = Positions(steps, features, rngs=rngs)
        self.dropout = Dropout(0.0, scaling=spec.dropout_scaling, rngs=rngs) if spec.dropout else None
        self.blocks = nnx.List([Block(features, spec, rngs) for _ in spec.hidden])
        self.norm = LayerNorm(features)
        self.features_norm = BatchNorm(features, rngs=rngs) if spec.batch_norm else None
        self.n_out = features

    def __call__(self, x: jax.Array, mask: jax.Array | None) -> jax.Array:
        """Map ``x`` (m, T, n_in) with its mask (m, T) to features (m, n_out)."""
        x = self.positions(self.enter(x))
        x = self.dropout(x) if self.dropout else x
        for block in self.blocks:
            x = block(x, mask)
        pooled = masked_mean(self.norm(x), mask)
        return self.features_norm(pooled) if self.features_norm else pooled


def width_of(spec: ModelSpec) -> int:
    """Return the features of the blocks, all of one width that the heads divide."""
    widths = set(spec.hidden)
    if len(widths) != 1:
        raise ControlError(
            f"architecture.hidden: found {list(spec.hidden)}, expected one width for all blocks of a transformer"
        )
    (features,) = widths
    if features % spec.heads:
        raise ControlError(
            f"architecture.heads: {spec.heads} heads do not divide {features} features; choose a divisor"
        )
    return features


def masked_mean(x: jax.Array, mask: jax.Array | None) -> jax.Array:
    """Return the mean (m, n) of x (m, T, n) over the real steps; zeros where there is none."""
    if mask is None:
        return jnp.mean(x, axis=1)
    total = jnp.sum(jnp.where(mask[:, :, None], x, 0), axis=1)
    return total / jnp.maximum(jnp.sum(mask, axis=1, dtype=x.dtype), 1)[:, None]
