"""A rule whose gradient is taken elsewhere than at the parameters."""

from collections.abc import Callable
from typing import Any

import optax


class LookAhead(optax.GradientTransformation):
    """A gradient transformation that says where its gradient is to be taken.

    Attributes:
      gradient_point: ``(params, state) -> point``; give ``update`` the gradient at the point, not at the
        parameters. The updates are still added to the parameters.
    """

    gradient_point: Callable[[Any, Any], Any]

    def __new__(
        cls, rule: optax.GradientTransformation, gradient_point: Callable[[Any, Any], Any]
    ) -> "LookAhead":
        """Return the rule with its point."""
        self = super().__new__(cls, rule.init, rule.update)
        self.gradient_point = gradient_point
        return self
