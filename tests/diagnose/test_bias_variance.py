"""Bias and variance against brute force over every network and row, and against closed forms."""

import numpy as np
import pytest

from netwright.diagnose.bias_variance import squared, zero_one


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_zero_one_loss_against_brute_force(classes):
    rng = np.random.default_rng(classes)
    codes, truth = rng.integers(0, classes, (7, 40)), rng.integers(0, classes, 40)
    error = bias = unbiased = biased = won = 0.0
    for row in range(40):
        votes = np.bincount(codes[:, row], minlength=classes)
        mode = int(votes.argmax())
        error += np.mean([code != truth[row] for code in codes[:, row]])
        variance = np.mean([code != mode for code in codes[:, row]])
        if mode == truth[row]:
            unbiased += variance
        else:
            bias += 1
            biased += variance
            won += np.mean([code == truth[row] for code in codes[:, row]])
    found = zero_one(codes, truth)
    assert found.error.estimate == pytest.approx(error / 40)
    assert found.bias.estimate == pytest.approx(bias / 40)
    assert found.unbiased.estimate == pytest.approx(unbiased / 40)
    assert found.biased.estimate == pytest.approx(biased / 40)
    assert found.variance.estimate == pytest.approx((unbiased - won) / 40)
    assert found.error.estimate == pytest.approx(found.bias.estimate + found.variance.estimate)
    if classes == 2:
        net = found.unbiased.estimate - found.biased.estimate
        assert found.variance.estimate == pytest.approx(net)


def test_squared_loss_is_exact():
    rng = np.random.default_rng(0)
    f, y = rng.normal(size=(6, 50)), rng.normal(size=50)
    found = squared(f, y)
    assert found.error.estimate == pytest.approx(np.mean((f - y) ** 2))
    assert found.variance.estimate == pytest.approx(np.mean(f.var(axis=0, ddof=1)))
    assert found.error.estimate == pytest.approx(found.bias.estimate + found.variance.estimate)


def test_a_row_of_weight_two_counts_as_the_row_twice():
    rng = np.random.default_rng(2)
    codes, truth, times = rng.integers(0, 3, (5, 30)), rng.integers(0, 3, 30), rng.integers(1, 4, 30)
    f, y = rng.normal(size=(5, 30)), rng.normal(size=30)
    weight = times / times.mean()
    pairs = [
        (zero_one(codes, truth, weight=weight), zero_one(codes.repeat(times, axis=1), truth.repeat(times))),
        (squared(f, y, weight=weight), squared(f.repeat(times, axis=1), y.repeat(times))),
    ]
    for weighted, repeated in pairs:
        for part in ("error", "bias", "variance"):
            assert getattr(weighted, part).estimate == pytest.approx(getattr(repeated, part).estimate)


def test_squared_bias_and_variance_of_known_learners():
    """Learners f_j = y + 1 + N(0, 2²): bias² 1 and variance 4; the intervals hold both in 90 % of repeats or so."""
    rng = np.random.default_rng(1)
    bias = variance = 0
    for _ in range(60):
        found = squared(1 + 2 * rng.normal(size=(10, 300)), np.zeros(300))
        bias += found.bias.low <= 1 <= found.bias.high
        variance += found.variance.low <= 4 <= found.variance.high
    assert bias >= 48
    assert variance >= 48


def test_learners_that_agree_have_no_variance():
    truth = np.array([0, 1, 1, 0])
    found = zero_one(np.tile([0, 1, 0, 0], (5, 1)), truth)
    assert (found.variance.estimate, found.variance.high) == (0, 0)
    assert found.bias.estimate == 0.25
    assert "bias" in str(found)
