"""Hyperparameters, and checks of those that are plain numbers: a traced one has no value yet."""

import math
from collections.abc import Callable

import jax

from netwright.core.errors import ControlError

Number = float | jax.Array
"""A hyperparameter: a plain number, or a traced scalar."""


def not_negative(name: str, value: Number) -> None:
    """Refuse a number that is below 0 or not finite."""
    _check(name, value, lambda number: 0 <= number < math.inf, "a finite number of at least 0")


def positive(name: str, value: Number) -> None:
    """Refuse a number that is not above 0 or not finite."""
    _check(name, value, lambda number: 0 < number < math.inf, "a finite number above 0")


def at_least_one(name: str, value: Number) -> None:
    """Refuse a number that is below 1 or not finite."""
    _check(name, value, lambda number: 1 <= number < math.inf, "a finite number of at least 1")


def decay(name: str, value: Number) -> None:
    """Refuse a decay rate of a running average outside [0, 1)."""
    _check(name, value, lambda number: 0 <= number < 1, "a number in [0, 1)")


def _check(name: str, value: Number, holds: Callable[[float], bool], expected: str) -> None:
    right = holds(value) if isinstance(value, int | float) else hasattr(value, "dtype")
    if not right:
        raise ControlError(f"{name} is {value!r}; expected {expected}")
