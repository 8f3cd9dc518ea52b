"""RMSProp."""

from typing import Any

import jax
import jax.numpy as jnp
import optax

from netwright.optim._numbers import Number, decay, positive
from netwright.optim.rules._rule import Rate, average, descend, like, zeros


def rmsprop(learning_rate: Rate, beta: Number = 0.9, eps: Number = 1e-8) -> optax.GradientTransformation:
    """Return the rule s = βs + (1−β)g²; W −= α g/√(s + ε), with s = 0 at the start and ε inside the root.

    Args:
      learning_rate: α ≥ 0, or a function step → α.
      beta: β in [0, 1).
      eps: ε > 0.

    Raises:
      ControlError: α, β or ε is out of range.

    Reference: Tieleman and Hinton, "Lecture 6.5: rmsprop", 2012.
    """
    decay("rmsprop: beta", beta)
    positive("rmsprop: eps", eps)

    def direction(gradients: Any, squares: Any, t: jax.Array, params: Any) -> tuple[Any, Any]:
        squares = average(beta, squares, jax.tree.map(jnp.square, gradients))
        return jax.tree.map(lambda g, s: g / jnp.sqrt(s + like(eps, s)), gradients, squares), squares

    return descend(learning_rate, direction, zeros)
