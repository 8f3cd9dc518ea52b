"""Root mean squared error."""

import jax
import jax.numpy as jnp

from netwright.metrics._metric import Metric, Sums, errors, rows, weighted_sum


def _sums(outputs: jax.Array, targets: jax.Array, weights: jax.Array) -> Sums:
    squares = rows(jnp.square(errors("rmse", outputs, targets)))
    return {
        "squares": weighted_sum(squares, weights),
        "weight": weighted_sum(jnp.ones_like(squares), weights),
    }


def _compute(sums: Sums) -> jax.Array:
    return jnp.sqrt(sums["squares"] / sums["weight"])


rmse = Metric(_sums, _compute, higher_is_better=False, tasks=("regression",))
"""√(Σ w (y − ŷ)² / Σ w); for outputs (m, k) the root of the mean over all k columns."""
