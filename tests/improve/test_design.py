"""Two-level designs."""

from itertools import combinations

import numpy as np
import pytest

from netwright.core.errors import ControlError
from netwright.improve.design import two_level


@pytest.mark.parametrize(("controls", "cells"), [(2, 4), (3, 8), (4, 16), (5, 16), (6, 32), (7, 64), (8, 64)])
def test_no_effect_of_one_or_two_controls_is_confounded_with_another(controls, cells):
    design = two_level(controls)
    assert design.shape == (cells, controls)
    pairs = [design[:, [i, j]].prod(axis=1) for i, j in combinations(range(controls), 2)]
    columns = np.column_stack([np.ones(cells), design, *pairs])
    np.testing.assert_array_equal(columns.T @ columns, cells * np.eye(columns.shape[1]))


@pytest.mark.parametrize("controls", [1, 9])
def test_too_few_or_too_many(controls):
    with pytest.raises(ControlError, match="expected 2 to 8"):
        two_level(controls)
