"""Plain gradient descent."""

from typing import Any

import jax
import optax

from netwright.optim.rules._rule import Rate, descend


def sgd(learning_rate: Rate) -> optax.GradientTransformation:
    """Return the rule W −= α g.

    Args:
      learning_rate: α ≥ 0, or a function step → α.

    Raises:
      ControlError: α is a negative or non-finite number.
    """

    def direction(gradients: Any, memory: None, t: jax.Array, params: Any) -> tuple[Any, None]:
        return gradients, None

    return descend(learning_rate, direction, lambda params: None)
