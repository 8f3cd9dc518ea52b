"""Penalties on the size of the weights. They touch kernels only, never biases or normalization scales."""

from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.optim._numbers import Number, not_negative
from netwright.optim.kernels import kernels, map_kernels


def l1(params: Any, strength: Number) -> jax.Array:
    """Return λ Σ|w|, a scalar. Its subgradient is λ sign(w), 0 at 0.

    Descending along the subgradient never makes a weight exactly 0; :func:`soft_threshold` at αλ after each
    step does.

    Args:
      params: any pytree of parameters; the sum is over its kernels.
      strength: λ ≥ 0.

    Raises:
      ControlError: λ is negative.
    """
    not_negative("l1: strength", strength)
    total = _total(w * jnp.sign(w) for w in kernels(params))  # jnp.abs has slope 1 at 0
    return jnp.asarray(strength, total.dtype) * total


def l2(params: Any, strength: Number) -> jax.Array:
    """Return (λ/2) Σ w², a scalar, whose gradient is λW.

    Added to the cost it is *coupled* to the rule. Under plain descent it equals decay of the weights by
    1 − αλ a step. Under an adaptive rule (RMSProp, Adam) λW is divided by the same root as the rest of the
    gradient, so weights with large gradients are held back less: for a decay that is the same for all, take
    :func:`netwright.optim.adamw`.

    Args:
      params: any pytree of parameters; the sum is over its kernels.
      strength: λ ≥ 0.

    Raises:
      ControlError: λ is negative.
    """
    not_negative("l2: strength", strength)
    total = frobenius(params)
    return 0.5 * jnp.asarray(strength, total.dtype) * total


def frobenius(params: Any) -> jax.Array:
    """Return the sum over kernels of the squared Frobenius norm ‖W‖_F² = Σᵢⱼ Wᵢⱼ², a scalar."""
    return _total(jnp.square(w) for w in kernels(params))


def soft_threshold(x: ArrayLike, t: Number) -> jax.Array:
    """Return sign(x)·max(|x| − t, 0), the proximal map of t|x|: values within t of 0 become exactly 0.

    Args:
      x: an array.
      t: the threshold ≥ 0; αλ after a step of rate α under an L1 penalty of strength λ.

    Raises:
      ControlError: the threshold is negative.
    """
    not_negative("soft_threshold: t", t)
    x = jnp.asarray(x)
    return jnp.sign(x) * jnp.maximum(jnp.abs(x) - jnp.asarray(t, x.dtype), 0)


def shrink(params: Any, thresholds: Any) -> Any:
    """Return the parameters with :func:`soft_threshold` applied to the kernels, each at its own threshold."""
    return map_kernels(soft_threshold, params, thresholds)


def _total(arrays: Iterable[jax.Array]) -> jax.Array:
    return jnp.asarray(sum((array.sum() for array in arrays), start=0.0))
