"""What an activation is: a function that knows its derivative, its range and the initializer it suits."""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike


@dataclass(frozen=True)
class Activation:
    """An activation g; ``relu(x)`` computes g(x), with the shape and dtype of x.

    Attributes:
      function: g.
      derivative: g′, elementwise; for softmax the Jacobian (…, K, K). Takes the same parameters as g.
      low: the greatest lower bound of g, at its default parameters.
      high: the least upper bound.
      zero_centred: whether an input symmetric about 0 gives outputs of mean 0, that is, whether g is odd.
      initializer: the name of the kernel initializer that keeps the variance of a layer with this activation.
      monotone: whether g never falls.
    """

    function: Callable[..., jax.Array]
    derivative: Callable[..., jax.Array]
    low: float
    high: float
    zero_centred: bool
    initializer: str
    monotone: bool = False

    def __call__(self, x: ArrayLike, **parameters: ArrayLike) -> jax.Array:
        """Return g(x)."""
        return self.function(jnp.asarray(x), **parameters)
