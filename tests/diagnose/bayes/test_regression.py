"""The noise variance of a regression."""

import numpy as np
import pytest

import netwright as nw
from netwright.core.errors import DataError
from netwright.diagnose.bayes.upper import of_squares


def wave(n, d, noise, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, (n, d))
    return X, np.sin(4 * X[:, 0]) + noise * rng.normal(size=n)


def test_a_wave_in_one_dimension_is_bounded():
    found = nw.bayes.estimate(*wave(600, 1, 0.3))
    assert (found.verdict, found.metric) == ("bounded", "mse")
    assert found.low < 0.09 < found.high
    assert found.high / found.low < 1.8


def test_it_scales_with_the_square_of_the_unit():
    X, y = wave(300, 1, 0.3)
    one, thousand = nw.bayes.estimate(X, y), nw.bayes.estimate(X, 1000 * y + 5)
    assert thousand.low == pytest.approx(1e6 * one.low, rel=1e-3)
    assert thousand.high == pytest.approx(1e6 * one.high, rel=0.1)


def test_replicates_are_read():
    # Ten rows at each of 50 places: the differences there are noise alone, whatever the mean does.
    rng = np.random.default_rng(3)
    places = rng.permutation(np.repeat(np.arange(50.0), 10))
    y = 100 * rng.normal(size=50)[places.astype(int)] + rng.normal(size=500)
    found = nw.bayes.estimate(places, y, task="regression")
    nearest = next(c for c in found.candidates if c.name == "differences of near rows")
    assert nearest.interval.low < 1 < nearest.interval.high
    assert nearest.value < 1.5


def test_no_noise_has_no_lower_end():
    rng = np.random.default_rng(4)
    X = rng.uniform(-1, 1, (300, 2))
    found = nw.bayes.estimate(X, X @ [1.0, 2.0])
    assert found.low is None or found.low < 1e-3
    assert found.high < 0.01


def test_limits_of_a_mean_of_squares_hold():
    rng = np.random.default_rng(5)
    held = [of_squares(rng.normal(size=200) ** 2, 0.9).high > 1 for _ in range(2000)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.015)  # three standard errors


def test_judged_squared_errors_set_the_end():
    X, y = wave(300, 1, 0.3)
    squares = 0.09 * np.random.default_rng(6).normal(size=20_000) ** 2
    found = nw.bayes.estimate(X, y, judged=[("mine", squares)])
    assert found.high == pytest.approx(0.09, rel=0.06)
    with pytest.raises(DataError, match="squared errors"):
        nw.bayes.estimate(X, y, judged=[("mine", 3, 10)])
