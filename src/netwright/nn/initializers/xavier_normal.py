"""Xavier/Glorot, normal."""

from netwright.nn.initializers._random import Random, standard_normal, xavier_deviation


def xavier_normal() -> Random:
    """Return an initializer that draws N(0, 2/(n_in+n_out)).

    The initializer raises DataError on a shape with fewer than two axes.

    Reference: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    2010, equation 12.
    """
    return Random(standard_normal, xavier_deviation)
