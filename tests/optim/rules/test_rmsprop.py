import numpy as np
import pytest

from netwright.optim import rmsprop


@pytest.mark.parametrize("eps", [1e-8, 0.1])
def test_equals_its_reference_with_eps_inside_the_root(follows_reference, eps):
    def reference(slope, x, rates):
        s = 0
        for rate in rates:
            g = slope(x)
            s = 0.9 * s + 0.1 * g**2
            x = x - rate * g / np.sqrt(s + eps)
        return x

    follows_reference(lambda rate: rmsprop(rate, eps=eps), reference)
