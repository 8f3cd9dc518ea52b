import numpy as np

from netwright.tune.search.quasi import sobol


def test_each_part_of_every_range_has_exactly_one_of_the_first_points():
    points = np.array([sobol(5, 3, number) for number in range(32)])
    parts = np.sort((points * 32).astype(int), axis=0)
    np.testing.assert_array_equal(parts, np.tile(np.arange(32)[:, None], 5))


def test_each_cell_of_a_pair_of_ranges_has_as_many():
    points = np.array([sobol(2, 0, number) for number in range(64)])
    cells = np.unique((points * 8).astype(int), axis=0, return_counts=True)[1]
    np.testing.assert_array_equal(cells, np.ones(64))
