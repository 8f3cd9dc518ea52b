"""Normal draws of a given deviation."""

from netwright.nn.initializers._random import Random, positive, standard_normal, unit


def normal(scale: float = 0.01) -> Random:
    """Return an initializer that draws N(0, s²) with s the ``scale``, whatever the shape.

    Raises:
      ControlError: the scale is not above 0.
    """
    return Random(standard_normal, unit, positive("normal", scale))
