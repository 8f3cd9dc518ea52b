"""Descent on a plain function: the trajectory of a rule, to look at."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax.typing import ArrayLike

from netwright.core.errors import ControlError, DataError


def minimize(
    f: Callable[[jax.Array], jax.Array], x0: ArrayLike, rule: optax.GradientTransformation, steps: int
) -> jax.Array:
    """Return the points x₀, x₁, … that a rule visits on f, as one compiled scan.

    Args:
      f: maps an array shaped like x0 to a scalar; written in JAX.
      x0: the start, floats of any shape; its dtype is kept (float64 when JAX runs in x64).
      rule: an update rule of :mod:`netwright.optim`, or any Optax transformation. Where it has a
        ``gradient_point`` (Nesterov) the gradient is taken there.
      steps: the number of updates.

    Returns:
      (steps + 1, *x0.shape), the start included.

    Raises:
      DataError: x0 holds integers, or f does not give a scalar.
      ControlError: steps is negative.

    Example:
      >>> import netwright as nw
      >>> nw.optim.minimize(lambda x: (x**2).sum(), [1.0, -2.0], nw.optim.sgd(0.25), steps=2)[-1]
      Array([ 0.25, -0.5 ], dtype=float32)
    """
    x0 = jnp.asarray(x0)
    if steps < 0:
        raise ControlError(f"minimize: steps is {steps}; expected 0 or more")
    if not jnp.issubdtype(x0.dtype, jnp.floating):
        raise DataError(f"minimize: x0 is {x0.dtype}; expected floats, such as 1.0")
    if (shape := jax.eval_shape(f, x0).shape) != ():
        raise DataError(f"minimize: f gave an array of shape {shape}; expected a scalar")
    gradient_point = getattr(rule, "gradient_point", None)

    def step(carry: tuple[Any, Any], _: None) -> tuple[tuple[Any, Any], Any]:
        x, state = carry
        point = x if gradient_point is None else gradient_point(x, state)
        updates, state = rule.update(jax.grad(f)(point), state, x)
        x = optax.apply_updates(x, updates)
        return (x, state), x

    _, path = jax.lax.scan(step, (x0, rule.init(x0)), length=steps)
    return jnp.concatenate([x0[None], path])
