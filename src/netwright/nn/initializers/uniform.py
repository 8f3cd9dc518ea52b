"""Uniform draws within a given limit."""

from netwright.nn.initializers._random import Random, positive, symmetric_uniform, unit


def uniform(scale: float = 0.01) -> Random:
    """Return an initializer that draws U(−s, s) with s the ``scale``, whatever the shape.

    Raises:
      ControlError: the scale is not above 0.
    """
    return Random(symmetric_uniform, unit, positive("uniform", scale))
