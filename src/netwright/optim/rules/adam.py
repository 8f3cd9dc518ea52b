"""Adam."""

import optax

from netwright.optim._numbers import Number
from netwright.optim.rules._adam import adam_direction, start
from netwright.optim.rules._rule import Rate, descend


def adam(
    learning_rate: Rate, beta1: Number = 0.9, beta2: Number = 0.999, eps: Number = 1e-8
) -> optax.GradientTransformation:
    """Return the rule W −= α m̂/(√v̂ + ε).

    m = β₁m + (1−β₁)g and v = β₂v + (1−β₂)g², from 0; m̂ = m/(1−β₁ᵗ) and v̂ = v/(1−β₂ᵗ), t from 1.

    Args:
      learning_rate: α ≥ 0, or a function step → α.
      beta1: β₁ in [0, 1).
      beta2: β₂ in [0, 1).
      eps: ε > 0, outside the root.

    Raises:
      ControlError: a number is out of range.

    Reference: Kingma and Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1.
    """
    return descend(learning_rate, adam_direction(beta1, beta2, eps), start)
