import numpy as np
import pytest

from netwright.diagnose.shift import mmd


def kernel(u, v, scale):
    return np.exp(-np.square(u - v).sum() / (2 * scale))


def test_the_distance_is_the_sum_over_pairs():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(7, 2)), rng.normal(size=(5, 2)) + 1
    x, domain = np.concatenate([a, b]), np.repeat([0.0, 1.0], [7, 5])
    scale = np.median([np.square(u - v).sum() for i, u in enumerate(x) for j, v in enumerate(x) if i != j])
    parts = [np.mean([kernel(u, v, scale) for u in p for v in q]) for p, q in ((a, a), (b, b), (a, b))]
    found = mmd.mmd_test(x, domain, seed=0)
    assert found.statistic**2 == pytest.approx(parts[0] + parts[1] - 2 * parts[2], rel=1e-9)


def test_the_p_value_is_that_of_the_permutations():
    """Samples that cannot be further apart: no permutation but the found one comes as far."""
    x = np.concatenate([np.zeros((30, 1)), np.ones((30, 1))])
    found = mmd.mmd_test(x, np.repeat([0.0, 1.0], 30), seed=0)
    assert found.p == 1 / (1 + mmd.PERMUTATIONS)


def test_rows_that_are_all_equal_are_no_shift():
    assert mmd.mmd_test(np.ones((20, 3)), np.repeat([0.0, 1.0], 10), seed=0).p == 1


def test_p_values_are_uniform_without_a_shift():
    """Of 100 pairs of like samples, those with p ≤ 0.2 are binomial: 20 ± 3.3 standard deviations."""
    rng = np.random.default_rng(1)
    domain = np.repeat([0.0, 1.0], [25, 15])
    ps = np.array([mmd.mmd_test(rng.normal(size=(40, 2)), domain, seed).p for seed in range(100)])
    assert 7 <= (ps <= 0.2).sum() <= 33
