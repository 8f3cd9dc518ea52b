"""The direction that Adam and AdamW share."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from netwright.optim._numbers import Number, decay, positive
from netwright.optim.rules._rule import average, like, zeros


class Moments(NamedTuple):
    """Running averages of the gradient and of its square."""

    first: Any
    second: Any


def start(params: Any) -> Moments:
    """Return moments of 0."""
    return Moments(zeros(params), zeros(params))


def adam_direction(
    beta1: Number, beta2: Number, eps: Number
) -> Callable[[Any, Moments, jax.Array, Any], tuple[Any, Moments]]:
    """Return the direction m̂/(√v̂ + ε)."""
    decay("beta1", beta1)
    decay("beta2", beta2)
    positive("eps", eps)

    def direction(gradients: Any, moments: Moments, t: jax.Array, params: Any) -> tuple[Any, Moments]:
        first = average(beta1, moments.first, gradients)
        second = average(beta2, moments.second, jax.tree.map(jnp.square, gradients))
        weight1, weight2 = _weight(beta1, t), _weight(beta2, t)

        def scaled(m: jax.Array, v: jax.Array) -> jax.Array:
            return m / like(weight1, m) / (jnp.sqrt(v / like(weight2, v)) + like(eps, v))

        return jax.tree.map(scaled, first, second), Moments(first, second)

    return direction


def _weight(beta: Number, t: jax.Array) -> jax.Array:
    """Return 1 − βᵗ.

    Taken as −expm1(t log β): float32 subtraction would be off by 5e-5 for β = 0.999 and t = 1, since
    1 − 0.999 keeps only the last digits of 0.999.
    """
    # A plain number's logarithm is taken in float64, before β is rounded; log 0 = −∞ gives the weight 1.
    logarithm = math.log(beta) if isinstance(beta, int | float) and beta > 0 else jnp.log(beta)
    logarithm = jnp.asarray(logarithm)
    return -jnp.expm1(t.astype(logarithm.dtype) * logarithm)
