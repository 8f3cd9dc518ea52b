"""Differences with the noise of seeds and of rows."""

import numpy as np
import pytest
from scipy import stats

from netwright.diagnose.paired import change


def crossed(generator, seeds, rows, of_seed, of_row, rest):
    return (
        of_seed * generator.normal(size=(seeds, 1))
        + of_row * generator.normal(size=(1, rows))
        + rest * generator.normal(size=(seeds, rows))
    )


@pytest.mark.parametrize("parts", [(1.0, 3.0, 2.0), (1.0, 0.0, 1.0), (0.0, 3.0, 1.0)])
def test_nine_of_ten_intervals_hold_the_true_difference(parts):
    generator = np.random.default_rng(1)
    repeats = 600
    held = 0
    for _ in range(repeats):
        interval = change(0.7 + crossed(generator, 5, 60, *parts)).interval
        held += interval.low <= 0.7 <= interval.high
    # 0.9 less three standard errors of a share of 600.
    assert held / repeats > 0.9 - 3 * np.sqrt(0.09 / repeats)
    assert held / repeats < 0.98


def test_without_noise_of_rows_it_is_students_interval_over_seeds():
    by_seed = np.random.default_rng(2).normal(size=5)
    found = change(np.repeat(by_seed[:, None], 40, axis=1))
    low, high = stats.t.interval(0.9, 4, by_seed.mean(), stats.sem(by_seed))
    np.testing.assert_allclose([found.interval.low, found.interval.high], [low, high])
    expected = stats.ttest_1samp(by_seed, 0, alternative="less")
    # The probability under a flat prior is one minus the p-value.
    np.testing.assert_allclose(found.p_lower, 1 - expected.pvalue)


def test_a_table_and_its_negative_mirror_each_other():
    table = crossed(np.random.default_rng(3), 5, 30, 1, 1, 1)
    there, back = change(table), change(-table)
    np.testing.assert_allclose(there.interval.low, -back.interval.high)
    np.testing.assert_allclose(there.p_lower, 1 - back.p_lower)


def test_one_row_has_no_ends():
    found = change(np.array([[0.5], [0.7]]), np.ones((2, 30)))
    assert (found.interval.low, found.interval.high, found.p_lower) == (None, None, 0.5)
    assert found.interval.estimate == pytest.approx(1.6)


def test_no_difference_anywhere_says_nothing():
    found = change(np.zeros((5, 30)))
    assert (found.interval.estimate, found.p_lower, found.clear) == (0, 0.5, False)


def test_the_gap_is_the_difference_of_both_tables():
    generator = np.random.default_rng(4)
    dev, train = generator.normal(size=(5, 30)), generator.normal(size=(5, 70))
    found = change(dev, -train).interval
    np.testing.assert_allclose(found.estimate, dev.mean() - train.mean())
    assert found.high - found.low > change(dev).interval.high - change(dev).interval.low


def test_rows_that_do_not_change_leave_a_doubt_that_shrinks_with_their_number():
    """Exact: with a share p of rows changing for the worse, none of m changes with probability (1 − p)^m."""
    few, many = (change(np.zeros((5, rows))).interval for rows in (27, 2700))
    assert few.estimate == many.estimate == 0
    assert (1 - few.high) ** 27 == pytest.approx(0.05)
    assert -few.low == few.high > 50 * many.high
