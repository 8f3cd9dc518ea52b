"""Batch normalization that leaves padded rows out of its statistics."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.nn.row_mask import current_row_mask


class BatchNorm(nnx.BatchNorm):
    """Batch normalization over all axes but the last.

    In training ``y = γ (x − μ_B) / √(σ_B² + ε) + β`` with the mini-batch mean and *biased* variance, taken over
    real rows only; running averages ``r := momentum · r + (1 − momentum) · batch`` serve at inference.

    Args:
      num_features: size n of the last axis; γ, β, and the averages are (n,).
      momentum: of the running averages. 0.9 settles within tens of steps, as short trainings need.
      epsilon: ε.
      rngs: NNX random streams.

    Reference: Ioffe and Szegedy (2015), "Batch Normalization", algorithm 1.
    """

    def __init__(
        self, num_features: int, *, momentum: float = 0.9, epsilon: float = 1e-5, rngs: nnx.Rngs
    ) -> None:
        # The fast variance E[x²] − E[x]² loses every digit when the mean is far from 0.
        super().__init__(num_features, momentum=momentum, epsilon=epsilon, use_fast_variance=False, rngs=rngs)

    def __call__(
        self, x: Any, use_running_average: bool | None = None, *, mask: jax.Array | None = None
    ) -> jax.Array:
        """Normalize ``x`` (m, …, n); ``mask`` defaults to the current row mask."""
        mask = current_row_mask(jnp.ndim(x)) if mask is None else mask
        if mask is None:
            return super().__call__(x, use_running_average)
        # A batch of padding alone has no statistics: the averages stay.
        some, before = jnp.any(mask), (self.mean[...], self.var[...])
        y = super().__call__(x, use_running_average, mask=jnp.broadcast_to(mask | ~some, jnp.shape(x)))
        for average, old in zip((self.mean, self.var), before, strict=True):
            average[...] = jnp.where(some, average[...], old)
        return y


def mask_foreign_batch_norms(model: nnx.Module) -> None:
    """Give every plain ``nnx.BatchNorm`` inside a user's module the row mask; parameters and mathematics stay."""
    for _, node in nnx.iter_graph(model):
        if type(node) is nnx.BatchNorm:
            node.__class__ = BatchNorm
