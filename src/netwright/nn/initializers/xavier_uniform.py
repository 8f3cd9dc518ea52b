"""Xavier/Glorot, uniform."""

from netwright.nn.initializers._random import Random, symmetric_uniform, xavier_limit


def xavier_uniform() -> Random:
    """Return an initializer that draws U(−r, r) with r = √(6/(n_in+n_out)).

    It keeps the variance of activations and gradients alike through layers that are linear near 0, as tanh
    is. The initializer raises DataError on a shape with fewer than two axes.

    Reference: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    2010, equation 16.
    """
    return Random(symmetric_uniform, xavier_limit)
