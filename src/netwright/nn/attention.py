"""Multi-head self-attention."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.nn.dense import dense
from netwright.nn.kernels.attention import attention


class SelfAttention(nnx.Module):
    """Every step looks at every real step, with several heads side by side.

    Queries, keys and values come from one product with a kernel (n, 3n).

    Args:
      features: n, a multiple of ``heads``.
      kernel, out: initializers of the kernels before and after.
      bias: where the biases start.
      precision: of the products with kernels; the attention itself stays in the type of x.
      rngs: NNX random streams.

    Reference: Vaswani et al. (2017), "Attention is all you need", section 3.2.
    """

    def __init__(
        self,
        features: int,
        heads: int,
        *,
        kernel: Any,
        out: Any,
        bias: float = 0.0,
        precision: str = "float32",
        rngs: nnx.Rngs,
    ) -> None:
        shared: dict[str, Any] = {"bias": bias, "precision": precision, "rngs": rngs}
        self.qkv = dense(features, 3 * features, kernel=kernel, **shared)
        self.out = dense(features, features, kernel=out, **shared)
        self.heads = heads

    def __call__(self, x: jax.Array, mask: jax.Array | None = None) -> jax.Array:
        """Map ``x`` (m, T, n) to (m, T, n); steps where ``mask`` is False are not looked at.

        The mask is (m, T), of all steps, or (1 or m, T, T): where each step looks.
        """
        m, T, n = x.shape
        q, k, v = (
            part.reshape(m, T, self.heads, n // self.heads) for part in jnp.split(self.qkv(x), 3, axis=2)
        )
        return self.out(attention(q, k, v, mask).reshape(m, T, n))
