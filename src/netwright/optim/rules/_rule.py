"""What rules share: a direction, made from the gradient, is scaled by the learning rate and subtracted."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from netwright.core.errors import DataError
from netwright.optim._numbers import Number, not_negative

Schedule = Callable[[Number], Number]
Rate = Number | Schedule


class State(NamedTuple):
    """The number of steps taken, and what the direction remembers: pytrees shaped like the parameters."""

    steps: jax.Array
    memory: Any


def rate_at(learning_rate: Rate, steps: jax.Array) -> Number:
    """Return the learning rate of the step after so many steps."""
    return learning_rate(steps) if callable(learning_rate) else learning_rate


def descend(
    learning_rate: Rate,
    direction: Callable[[Any, Any, jax.Array, Any], tuple[Any, Any]],
    memory: Callable[[Any], Any],
) -> optax.GradientTransformation:
    """Return the rule W −= α·direction.

    Args:
      learning_rate: α, a number ≥ 0 or a function step → α.
      direction: ``(gradients, memory, t, params) -> (direction, memory)``, with t = 1 at the first step.
      memory: ``params -> memory`` at the start.
    """
    if not callable(learning_rate):
        not_negative("learning_rate", learning_rate)

    def init(params: Any) -> State:
        _refuse_integers(params)
        return State(jnp.zeros((), jnp.int32), memory(params))

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, State]:
        t = state.steps + 1
        rate = rate_at(learning_rate, state.steps)
        step, remembered = direction(updates, state.memory, t, params)
        return jax.tree.map(lambda d: -like(rate, d) * d, step), State(t, remembered)

    return optax.GradientTransformation(init, update)


def like(number: Number, leaf: jax.Array) -> jax.Array:
    """Return a hyperparameter in the leaf's dtype, so that it never promotes the leaf."""
    return jnp.asarray(number, leaf.dtype)


def average(beta: Number, old: Any, new: Any) -> Any:
    """Return the running average β·old + (1−β)·new of every leaf."""
    return jax.tree.map(lambda o, n: like(beta, o) * o + like(1 - beta, o) * n, old, new)


def zeros(params: Any) -> Any:
    """Return zeros shaped like the parameters."""
    return jax.tree.map(jnp.zeros_like, params)


def _refuse_integers(params: Any) -> None:
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        dtype = jnp.asarray(leaf).dtype
        if not jnp.issubdtype(dtype, jnp.floating):
            place = f"parameter {jax.tree_util.keystr(path)}" if path else "the parameter"
            raise DataError(f"{place} is {dtype}; a rule updates floating-point numbers only")
