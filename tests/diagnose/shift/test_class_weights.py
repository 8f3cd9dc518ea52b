import numpy as np
import pytest

from netwright.diagnose.shift.class_weights import class_weights, matched


def test_a_model_that_errs_gives_the_true_shares_all_the_same():
    """P(ŷ=1 | y=1) = 0.8, P(ŷ=1 | y=0) = 0.1; target shares 0.3/0.7 give μ₁ = 0.03 + 0.56 = 0.59."""
    truth = np.repeat([0, 1], [500, 500])
    predicted = np.concatenate([np.repeat([0, 1], [450, 50]), np.repeat([0, 1], [100, 400])])
    target = np.repeat([0, 1], [41, 59])
    np.testing.assert_allclose(class_weights(truth, predicted, target, 2), [0.6, 1.4], rtol=1e-9)


def test_weights_average_to_one_over_training_rows_and_are_not_negative():
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 4, 200), rng.integers(0, 4, 200)
    weights = class_weights(truth, predicted, np.zeros(50, int), 4)
    assert (weights >= 0).all()
    assert weights[truth].mean() == pytest.approx(1)


def test_matched_rows_have_the_shares_asked_for_and_none_twice():
    codes = np.repeat([0, 1, 2], [100, 100, 50])
    rows = matched(codes, np.array([0.5, 1.0, 0.0]), np.random.default_rng(0))
    assert len(set(rows)) == len(rows)
    assert np.bincount(codes[rows], minlength=3).tolist() == [50, 100, 0]
