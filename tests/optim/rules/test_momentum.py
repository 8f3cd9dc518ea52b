import pytest

from netwright.optim import momentum


@pytest.mark.parametrize("beta", [0.0, 0.9])
def test_equals_its_reference(follows_reference, beta):
    def reference(slope, x, rates):
        v = 0
        for rate in rates:
            v = beta * v + (1 - beta) * slope(x)
            x = x - rate * v
        return x

    follows_reference(lambda rate: momentum(rate, beta), reference)
