"""What a weighting of several targets' losses is: one function from what a step saw to the factors it is taken with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from netwright.optim.rules.adam import adam

State = dict[str, Any]
"""What a weighting remembers: arrays by name; under "weights" the present factors (T,), where it learns them."""


class Seen(NamedTuple):
    """What one step tells of T targets.

    Attributes:
      losses: (T,) the mean loss J_i of the batch; present: (T,) whether any of its rows has the target.
      gram: (T, T) products ⟨g_i, g_j⟩ of the gradients of J_i over the shared parameters, or None.
      factors: (T,) the factors λ of the controls; halves: (T,) ½ for squared errors, 1 for cross-entropies.
      rate: the learning rate; alpha: GradNorm's exponent; key: of this step.
    """

    losses: jax.Array
    present: jax.Array
    gram: jax.Array | None
    factors: jax.Array
    halves: jax.Array
    rate: jax.Array
    alpha: jax.Array
    key: jax.Array


class Taken(NamedTuple):
    """How a step is taken.

    Attributes:
      shared, own: (T,) factors of the targets' gradients in the shared parameters, and of each in its own head.
      state: what the weighting remembers next.
    """

    shared: jax.Array
    own: jax.Array
    state: State


@dataclass(frozen=True)
class Weighting:
    """A weighting: the gradient is ``Σ shared_i g_i`` in the trunk and ``own_i g_i`` in the head of target i.

    Attributes:
      start: (factors, halves) → state; {} where there is nothing to remember.
      step: (state, seen) → how the step is taken.
      needs_gram: whether it looks at the targets' own gradients, which takes a backward pass for each.
      learns: whether it learns factors, and keeps them under "weights" in its state.
    """

    start: Callable[[jax.Array, jax.Array], State]
    step: Callable[[State, Seen], Taken]
    needs_gram: bool
    learns: bool


def adam_start(values: jax.Array) -> Any:
    """Return the state of Adam for values (T,) that a weighting learns."""
    return adam(0.0).init(values)


def adam_step(values: jax.Array, slopes: jax.Array, state: Any, rate: jax.Array) -> tuple[jax.Array, Any]:
    """Return the values after a step of Adam with β₁ = 0.9 and β₂ = 0.999, and its state."""
    rule: Any = adam(rate)
    moves, state = rule.update(slopes, state, values)
    return values + moves, state


def nothing(factors: jax.Array, halves: jax.Array) -> State:
    """Return the state of a weighting that remembers nothing."""
    del factors, halves
    return {}


def safe_root(squares: jax.Array) -> jax.Array:
    """Return the square roots of what may have been rounded below 0."""
    return jnp.sqrt(jnp.maximum(squares, jnp.float32(0)))
