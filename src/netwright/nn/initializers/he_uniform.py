"""He, uniform."""

from netwright.nn.initializers._random import Random, he_limit, symmetric_uniform


def he_uniform() -> Random:
    """Return an initializer that draws U(−r, r) with r = √(6/n_in), of variance 2/n_in.

    The initializer raises DataError on a shape with fewer than two axes.

    Reference: He et al., "Delving deep into rectifiers", 2015, equation 10.
    """
    return Random(symmetric_uniform, he_limit)
