import numpy as np
from sklearn.metrics import r2_score

from netwright.metrics import r2

RNG = np.random.default_rng(3)


def test_several_columns_give_the_mean_of_their_values():
    y = RNG.normal(size=(40, 3)).astype(np.float32) * [1, 10, 0.1]
    y = y.astype(np.float32)
    outputs = (y + RNG.normal(size=y.shape) * 0.05).astype(np.float32)
    state = r2.update(r2.empty(columns=3), outputs, y)
    np.testing.assert_allclose(r2.compute(state), r2_score(y, outputs), rtol=1e-5)


def test_a_constant_target_gives_one_if_perfect_and_else_zero_as_in_scikit_learn():
    y = np.full(10, 3.3, np.float32)
    assert r2(y, y) == r2_score(y, y) == 1
    assert r2(y + 1, y) == r2_score(y, y + 1) == 0
