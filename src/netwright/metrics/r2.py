"""The coefficient of determination."""

import jax
import jax.numpy as jnp

from netwright.metrics._metric import Metric, Sums, errors, weighted_sum


def _sums(outputs: jax.Array, targets: jax.Array, weights: jax.Array) -> Sums:
    residuals = errors("r2", outputs, targets)
    y = targets.astype(residuals.dtype)
    return {
        "residual": weighted_sum(jnp.square(residuals), weights),
        "y": weighted_sum(y, weights),
        "y_squared": weighted_sum(jnp.square(y), weights),
        "weight": weighted_sum(jnp.ones_like(y), weights),
    }


def _compute(sums: Sums) -> jax.Array:
    total = sums["y_squared"] - jnp.square(sums["y"]) / sums["weight"]
    # A spread below what rounding leaves of Σy² is no spread: scikit-learn then gives 1 if perfect, else 0.
    constant = total <= 8 * jnp.finfo(total.dtype).eps * sums["y_squared"]
    ratio = sums["residual"] / jnp.where(constant, 1, total)
    return jnp.where(constant, (sums["residual"] == 0).astype(total.dtype), 1 - ratio).mean()


r2 = Metric(_sums, _compute, higher_is_better=True, tasks=("regression",))
"""1 − Σ w (y − ŷ)² / Σ w (y − ȳ)²; for outputs (m, k) the mean of the k columns' values.

The spread of y is kept as Σy² − (Σy)²/n so that batches add up: in float32 it loses digits when |ȳ| is far
above the standard deviation, so give targets (and outputs) standardized, which changes nothing else.
"""
