"""Accuracy: the part of the examples classified rightly."""

import jax
import jax.numpy as jnp

from netwright.core.errors import DataError
from netwright.metrics._metric import Metric, Sums, weighted_sum


def _sums(outputs: jax.Array, targets: jax.Array, weights: jax.Array) -> Sums:
    if targets.shape not in (outputs.shape, outputs.shape[:1]):
        raise DataError(
            f"accuracy: outputs have shape {outputs.shape} and targets {targets.shape}; expected one a row"
        )
    if outputs.ndim == 1:
        right = (outputs > 0) == (targets.astype(jnp.float32) > 0.5)
    else:
        classes = targets.argmax(axis=1) if targets.ndim == 2 else targets
        right = outputs.argmax(axis=1) == classes.astype(jnp.int32)
    right = right.astype(jnp.float32)
    return {"right": weighted_sum(right, weights), "weight": weighted_sum(jnp.ones_like(right), weights)}


def _compute(sums: Sums) -> jax.Array:
    return sums["right"] / sums["weight"]


accuracy = Metric(_sums, _compute, higher_is_better=True, tasks=("binary", "multiclass"))
"""Outputs are logits: (m,), where above 0 predicts the positive class of targets {0, 1} or {−1, +1}; or
(m, K), where the largest predicts the class of integer targets (m,) or of one-hot targets (m, K)."""
