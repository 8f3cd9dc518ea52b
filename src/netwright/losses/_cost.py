"""The cost: the weighted mean of a loss over a set."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from netwright.core.errors import DataError


def cost(
    loss: Callable[..., jax.Array], outputs: ArrayLike, targets: ArrayLike, weights: ArrayLike | None = None
) -> jax.Array:
    r"""Return J = Σᵢ wᵢ L(ŷᵢ, yᵢ) / Σᵢ wᵢ, a scalar; without weights the plain mean.

    Args:
      loss: gives one value an example, such as :func:`netwright.losses.mse`.
      outputs: what the network returned, (m, …).
      targets: what it should have returned.
      weights: (m,), each ≥ 0 and one at least > 0; a padded row has weight 0.

    Raises:
      DataError: the weights are not one for each example.
    """
    values = loss(outputs, targets)
    if weights is None:
        return values.mean()
    weights = jnp.asarray(weights, values.dtype)
    if weights.shape != values.shape:
        raise DataError(f"cost: weights have shape {weights.shape}, expected {values.shape}, one an example")
    return (weights * values).sum() / weights.sum()
