"""Mean absolute error."""

import jax
import jax.numpy as jnp

from netwright.metrics._metric import Metric, Sums, errors, rows, weighted_sum


def _sums(outputs: jax.Array, targets: jax.Array, weights: jax.Array) -> Sums:
    sizes = rows(jnp.abs(errors("mae", outputs, targets)))
    return {"sizes": weighted_sum(sizes, weights), "weight": weighted_sum(jnp.ones_like(sizes), weights)}


def _compute(sums: Sums) -> jax.Array:
    return sums["sizes"] / sums["weight"]


mae = Metric(_sums, _compute, higher_is_better=False, tasks=("regression",))
"""Σ w |y − ŷ| / Σ w; for outputs (m, k) the mean over all k columns."""
