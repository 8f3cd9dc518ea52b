"""He, normal."""

from netwright.nn.initializers._random import Random, he_deviation, standard_normal


def he_normal() -> Random:
    """Return an initializer that draws N(0, 2/n_in).

    It keeps the variance of activations through ReLU layers. The initializer raises DataError on a shape with
    fewer than two axes.

    Reference: He et al., "Delving deep into rectifiers", 2015, equation 10.
    """
    return Random(standard_normal, he_deviation)
