"""Nesterov's accelerated gradient."""

from typing import Any

import jax

from netwright.core.errors import ControlError
from netwright.core.names import nearest
from netwright.optim._numbers import Number
from netwright.optim.rules._lookahead import LookAhead
from netwright.optim.rules._rule import Rate, State, like, rate_at
from netwright.optim.rules.momentum import momentum


def nesterov(learning_rate: Rate, beta: Number = 0.9, lookahead: str = "scaled") -> LookAhead:
    """Return the rule g = ∇J(W − αβv); v = βv + (1−β)g; W −= α v, with v = 0 at the start.

    The gradient is taken at the point to which the velocity alone would carry the weights: the rule's
    ``gradient_point(params, state)``, with α the rate of the coming step. :func:`netwright.fit` and
    :func:`netwright.optim.minimize` evaluate there; a loop of your own must too.

    Args:
      learning_rate: α ≥ 0, or a function step → α.
      beta: β in [0, 1).
      lookahead: "scaled" takes the gradient at W − αβv, "unscaled" at W − βv.

    Raises:
      ControlError: α, β or the lookahead is out of range.

    Reference: Nesterov, "A method of solving a convex programming problem with convergence rate O(1/k²)",
    1983; Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013.
    """
    if lookahead not in ("scaled", "unscaled"):
        hint = nearest(lookahead, ("scaled", "unscaled")) or ";"
        raise ControlError(f"nesterov: lookahead is '{lookahead}'{hint} Known: scaled, unscaled.")

    def gradient_point(params: Any, state: State) -> Any:
        reach = rate_at(learning_rate, state.steps) if lookahead == "scaled" else 1.0
        return jax.tree.map(lambda w, v: w - like(reach, w) * like(beta, w) * v, params, state.memory)

    return LookAhead(momentum(learning_rate, beta), gradient_point)
