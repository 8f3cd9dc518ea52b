"""Random initializers: a standard draw stretched to the spread that the kernel's fans ask for."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from netwright.core.errors import ControlError, DataError

Shape = Sequence[int]


@dataclass(frozen=True)
class Random:
    """Draws ``scale · spread(shape) · draw(key, shape, dtype)``; equal arguments make equal initializers."""

    draw: Callable[[jax.Array, Shape, DTypeLike], jax.Array]
    spread: Callable[[Shape], float]
    scale: float = 1.0

    def __call__(self, key: jax.Array, shape: Shape, dtype: DTypeLike = jnp.float32) -> jax.Array:
        """Return an array of the given shape and dtype."""
        return self.scale * self.spread(shape) * self.draw(key, shape, dtype)


def standard_normal(key: jax.Array, shape: Shape, dtype: DTypeLike) -> jax.Array:
    """Draw N(0, 1)."""
    return jax.random.normal(key, tuple(shape), dtype)


def symmetric_uniform(key: jax.Array, shape: Shape, dtype: DTypeLike) -> jax.Array:
    """Draw U(−1, 1), of variance ⅓."""
    return jax.random.uniform(key, tuple(shape), dtype, -1, 1)


def fans(shape: Shape) -> tuple[int, int]:
    """Return (n_in, n_out) of a kernel: (…receptive field, channels in, channels out), each times the field.

    A dense kernel (n_in, n_out) has no receptive field; a convolution's (H, W, c_in, c_out) gives H·W·c_in
    and H·W·c_out.

    Raises:
      DataError: the shape has fewer than two axes.
    """
    if len(shape) < 2:
        raise DataError(f"an initializer by fans got shape {tuple(shape)}; a kernel has at least two axes")
    field = math.prod(shape[:-2])
    return field * shape[-2], field * shape[-1]


def unit(shape: Shape) -> float:
    """Return 1, whatever the shape."""
    return 1.0


def xavier_deviation(shape: Shape) -> float:
    """Return √(2/(n_in+n_out))."""
    return math.sqrt(2 / max(sum(fans(shape)), 1))


def he_deviation(shape: Shape) -> float:
    """Return √(2/n_in)."""
    return math.sqrt(2 / max(fans(shape)[0], 1))


def xavier_limit(shape: Shape) -> float:
    """Return √(6/(n_in+n_out)): U(−limit, limit) has the deviation of :func:`xavier_deviation`."""
    return math.sqrt(3) * xavier_deviation(shape)


def he_limit(shape: Shape) -> float:
    """Return √(6/n_in): U(−limit, limit) has the deviation of :func:`he_deviation`."""
    return math.sqrt(3) * he_deviation(shape)


def positive(name: str, scale: float) -> float:
    """Return the scale.

    Raises:
      ControlError: it is not a finite number above 0.
    """
    if not 0 < scale < math.inf:
        raise ControlError(f"{name}: scale is {scale}; expected a finite number above 0")
    return float(scale)
