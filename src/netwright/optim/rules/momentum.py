"""Gradient descent with momentum."""

from typing import Any

import jax
import optax

from netwright.optim._numbers import Number, decay
from netwright.optim.rules._rule import Rate, average, descend, zeros


def momentum(learning_rate: Rate, beta: Number = 0.9) -> optax.GradientTransformation:
    """Return the rule v = βv + (1−β)g; W −= α v, with v = 0 at the start.

    The velocity is an average of gradients, so α means the same as in plain descent. Optax's and PyTorch's
    momentum is v = βv + g: theirs with rate α(1−β) is this rule with α.

    Args:
      learning_rate: α ≥ 0, or a function step → α.
      beta: β in [0, 1).

    Raises:
      ControlError: α or β is out of range.

    Reference: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
    """
    decay("momentum: beta", beta)

    def direction(gradients: Any, velocity: Any, t: jax.Array, params: Any) -> tuple[Any, Any]:
        velocity = average(beta, velocity, gradients)
        return velocity, velocity

    return descend(learning_rate, direction, zeros)
