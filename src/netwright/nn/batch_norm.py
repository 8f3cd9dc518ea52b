"""Batch normalization that leaves padded rows out of its statistics."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from netwright.core import catalog
from netwright.nn._activation import Activation
from netwright.nn.kernels import native
from netwright.nn.one_by_one import asked_one_by_one
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


def activated_norm(
    norm: BatchNorm,
    z: jax.Array,
    activation: Activation | None,
    skip: jax.Array | None = None,
    *,
    precision: str = "float32",
) -> jax.Array:
    """Return ``g(norm(z) + skip)`` of images z (m, H, W, C); without an activation g, or a skip, leave it out.

    In training and with g = relu it is computed in as few passes over memory as there can be, where a native kernel
    serves. With "mixed", numbers and slopes may then be rounded to bfloat16, as the convolutions on both sides round
    them anyway.
    """
    rectified = activation is catalog.load("nn.activations", "relu")
    suits = rectified or (activation is None and skip is None)
    if suits and norm.use_running_average is False and not asked_one_by_one():
        found = _in_one(norm, z, skip, rectified, precision)
        if found is not None:
            return found
    y: jax.Array = norm(z)
    y = y if skip is None else y + skip
    return y if activation is None else activation(y)


def _in_one(
    norm: BatchNorm, z: jax.Array, skip: jax.Array | None, rectified: bool, precision: str
) -> jax.Array | None:
    assert norm.scale is not None
    assert norm.bias is not None
    mask = current_row_mask(1)
    some = True if mask is None else jnp.any(mask)
    # A batch of padding alone has no statistics: the averages stay.
    real = jnp.ones(len(z)) if mask is None else jnp.where(some, mask, True).astype(jnp.float32)
    found = native.batch_norm(
        *(z, norm.scale[...], norm.bias[...], real, skip),
        epsilon=norm.epsilon,
        rectified=rectified,
        precision=precision,
    )
    if found is None:
        return None
    y, *moments = found
    for average, now in zip((norm.mean, norm.var), moments, strict=True):
        before = average[...]
        average[...] = jnp.where(some, norm.momentum * before + (1 - norm.momentum) * now, before)
    return y


def mask_foreign_batch_norms(model: nnx.Module) -> None:
    """Give every plain ``nnx.BatchNorm`` inside a user's module the row mask; parameters and mathematics stay."""
    for _, node in nnx.iter_graph(model):
        if type(node) is nnx.BatchNorm:
            node.__class__ = BatchNorm
