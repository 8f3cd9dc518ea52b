"""RF-5: the Bayes error ``E_x[1 − max_k P(y=k|x)]``, against problems whose error is known exactly."""

import numpy as np
import pytest
from scipy.stats import norm

import netwright as nw


def shifted(rng, n, d, shift, prior):
    y = (rng.random(n) < prior).astype(int)
    X = rng.normal(size=(n, d))
    X[:, 0] += shift * y
    return X, y


def xor(rng, n, a):
    signs = rng.choice((-1, 1), (n, 2))
    return a * signs + rng.normal(size=(n, 2)), (signs.prod(axis=1) > 0).astype(int)


def corners(rng, n, classes, distance):
    y = rng.integers(0, classes, n)
    return rng.normal(size=(n, classes)) + distance * np.eye(classes)[y], y


@pytest.mark.parametrize(
    ("draw", "truth"),
    [
        (lambda rng: shifted(rng, 800, 2, 1, 0.5), norm.cdf(-0.5)),
        (lambda rng: shifted(rng, 800, 2, 3, 0.5), norm.cdf(-1.5)),
        (lambda rng: shifted(rng, 800, 2, 2, 0.2), 0.11207),
        (lambda rng: xor(rng, 800, 1.5), 2 * norm.cdf(-1.5) * norm.cdf(1.5)),
        (lambda rng: corners(rng, 800, 3, 2), 0.13423),
    ],
)
def test_rf5_classes(draw, truth):
    """RF-5: bounded in few dimensions, and the interval holds the exact error, seed by seed, at 99 %."""
    for seed in range(2):
        found = nw.bayes.estimate(*draw(np.random.default_rng(seed)), confidence=0.99)
        assert found.verdict == "bounded"
        assert found.low < truth < found.high


def test_rf5_regression():
    """RF-5: in regression, the irreducible noise variance."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (800, 2))
    y = np.exp(-(X**2).sum(axis=1)) + 0.2 * rng.normal(size=800)
    found = nw.bayes.estimate(X, y, confidence=0.99)
    assert found.verdict == "bounded"
    assert found.low < 0.04 < found.high
