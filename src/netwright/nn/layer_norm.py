"""Layer normalization."""

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.nn.kernels.norm import layer_norm


class LayerNorm(nnx.Module):
    """``y = γ (x − μ) / √(σ² + ε) + β`` with mean and biased variance over the last axis of each row.

    Reference: Ba, Kiros and Hinton (2016), "Layer normalization".
    """

    def __init__(self, num_features: int, *, epsilon: float = 1e-5) -> None:
        self.scale, self.bias = nnx.Param(jnp.ones(num_features)), nnx.Param(jnp.zeros(num_features))
        self.epsilon = epsilon

    def __call__(self, x: jax.Array) -> jax.Array:
        """Normalize ``x`` (…, n)."""
        return layer_norm(x, self.scale[...], self.bias[...], self.epsilon)
