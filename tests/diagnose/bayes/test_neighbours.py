"""Neighbours, their spanning tree, the extrapolation to distance zero, and standard errors."""

import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import pdist, squareform

from netwright.diagnose.bayes import neighbours


@pytest.fixture(scope="module")
def plane():
    return np.random.default_rng(0).normal(size=(300, 2))


def test_spanning_tree_is_the_euclidean_one(plane):
    tree = neighbours.near(plane, 20, np.random.default_rng(1)).spanning_tree
    whole = squareform(pdist(plane))
    found = whole[tree[:, 0], tree[:, 1]].sum()
    assert len(tree) == len(plane) - 1
    assert found == pytest.approx(minimum_spanning_tree(whole).sum(), rel=1e-9)


def test_nearness_grows_with_dimension():
    rng = np.random.default_rng(2)
    near = [neighbours.near(rng.normal(size=(500, d)), 5, rng).nearness for d in (1, 2, 5, 20, 50)]
    assert near == sorted(near)
    assert near[1] < 0.01
    assert near[-1] > 0.4


@pytest.mark.parametrize("power", [1, 2])
def test_weights_recover_the_value_at_distance_zero(plane, power):
    found = neighbours.near(plane, 10, np.random.default_rng(3))
    reach = np.median(found.distances, axis=0) ** power
    assert (0.3 + 0.7 * reach) @ found.weights_at_zero(power) == pytest.approx(0.3, abs=1e-10)


def test_weights_are_equal_where_all_rows_are_equal():
    found = neighbours.near(np.zeros((50, 3)), 5, np.random.default_rng(4))
    np.testing.assert_allclose(found.weights_at_zero(1), 0.2)
    assert found.nearness == 0.0
    assert len(found.spanning_tree) <= 49


def test_standard_errors_are_those_of_repeated_draws():
    means, errors = [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x = rng.uniform(size=(150, 1))
        y = (rng.random(150) < 0.3).astype(int)
        ends = neighbours.near(x, 5, rng).places
        differs = (y[:, None] != y[ends]).astype(float)
        mean, error = neighbours.weighted_mean(ends, differs, np.eye(5)[0])
        means.append(mean)
        errors.append(error)
    # 200 repeats: the standard deviation is known to 5 %.
    assert np.mean(errors) == pytest.approx(np.std(means), rel=0.15)


def test_share_of_a_tree_that_joins_two_classes_by_hand():
    share, error = neighbours.differing(np.array([0, 0, 1, 1]), np.array([[0, 1], [1, 2], [2, 3]]))
    assert share == pytest.approx(1 / 3)
    assert 0 < error < 1
