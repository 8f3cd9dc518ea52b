"""Adam with decoupled weight decay."""

from typing import Any

import jax
import optax

from netwright.core.errors import DataError
from netwright.optim._numbers import Number, not_negative
from netwright.optim.kernels import map_kernels
from netwright.optim.rules._adam import Moments, adam_direction, start
from netwright.optim.rules._rule import Rate, descend, like


def adamw(
    learning_rate: Rate,
    beta1: Number = 0.9,
    beta2: Number = 0.999,
    eps: Number = 1e-8,
    weight_decay: Number = 0.01,
) -> optax.GradientTransformation:
    """Return the rule W −= α (m̂/(√v̂ + ε) + λW), with m̂ and v̂ as in :func:`netwright.optim.adam`.

    The decay λW is *decoupled*: it joins after the division by √v̂, so every kernel shrinks by the same factor
    1 − αλ a step. The *coupled* one (:func:`netwright.penalties.l2`) adds λW to the gradient, and an adaptive
    rule then divides it by √v̂ with the rest: weights with large gradients hardly decay, and λ no longer says
    how much. Under plain descent the two are the same. Biases and normalization scales do not decay.

    Args:
      learning_rate: α ≥ 0, or a function step → α.
      beta1: β₁ in [0, 1).
      beta2: β₂ in [0, 1).
      eps: ε > 0, outside the root.
      weight_decay: λ ≥ 0, over kernels.

    Raises:
      ControlError: a number is out of range.
      DataError: ``update`` was called without the parameters.

    Reference: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019, algorithm 2.
    """
    not_negative("weight_decay", weight_decay)
    adaptive = adam_direction(beta1, beta2, eps)

    def direction(gradients: Any, moments: Moments, t: jax.Array, params: Any) -> tuple[Any, Moments]:
        if params is None:
            raise DataError("adamw decays the parameters: call update(gradients, state, params)")
        step, moments = adaptive(gradients, moments, t, params)
        return map_kernels(lambda d, w: d + like(weight_decay, d) * w, step, params), moments

    return descend(learning_rate, direction, start)
