import numpy as np
import pytest
from scipy.stats import chi2_contingency, ks_2samp

from netwright.diagnose.shift.columns import Pair
from netwright.diagnose.shift.univariate import univariate


def test_a_number_has_the_distance_of_the_distribution_functions():
    a, b = np.array([0.0, 1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.0, 5.0, np.nan])
    row = univariate([Pair("x", True, a, b)]).row(0, named=True)
    assert row["effect"] == 0.5  # at 1: 2/4 of train, none of target
    assert row["p"] == pytest.approx(ks_2samp(a, b[:4], method="exact").pvalue)
    assert row["mean_difference"] == pytest.approx(2 / np.sqrt(1.25))


def test_a_category_has_cramers_v():
    """20/40/40 against 40/40/20 of 100 each: chi² = 2 · (10² / 30) · 2, V = √(chi² / 200)."""
    a, b = np.repeat([0, 1, 2], [20, 40, 40]), np.repeat([0, 1, 2], [40, 40, 20])
    row = univariate([Pair("c", False, a, b)]).row(0, named=True)
    assert row["statistic"] == pytest.approx(4 * 100 / 30)
    assert row["effect"] == pytest.approx(np.sqrt(4 * 100 / 30 / 200))
    assert row["p"] == pytest.approx(chi2_contingency([[20, 40, 40], [40, 40, 20]]).pvalue)
    assert row["mean_difference"] is None


def test_levels_too_rare_for_chi_square_are_counted_together():
    """A thousand names, each seen once or twice, are no evidence; that all target names are new, is."""
    rng = np.random.default_rng(0)
    alike = univariate([Pair("n", False, rng.integers(0, 1000, 300), rng.integers(0, 1000, 300))])
    assert alike["p"][0] == 1
    new = univariate([Pair("n", False, np.repeat([0, 1], 100), np.arange(2, 202))])
    assert new["effect"][0] == 1
    assert new["p"][0] < 1e-12


def test_a_column_without_a_known_number_says_nothing():
    row = univariate([Pair("x", True, np.array([np.nan, np.nan]), np.array([1.0, 2.0]))]).row(0, named=True)
    assert (row["p"], row["effect"]) == (1, 0)
