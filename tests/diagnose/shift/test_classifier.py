import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from netwright.diagnose.shift.classifier import classifier_test, domain_probabilities, folds, thinned


@pytest.fixture(scope="module")
def moved():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    x[120:, 0] += 1
    return x, np.repeat([0.0, 1.0], [120, 80])


def test_the_effect_is_the_auc_of_rows_not_trained_on(moved):
    x, domain = moved
    scores, half = domain_probabilities(x, domain, 0), folds(domain, 0)
    aucs = [roc_auc_score(domain[fold], scores[fold]) for fold in (half, ~half)]
    found = classifier_test(x, domain, 0.9, 0)
    assert found.statistic == pytest.approx(np.mean(aucs))
    assert found.effect.low < found.effect.estimate < found.effect.high
    assert found.effect.low > 0.5
    assert found.p < 1e-3


def test_a_shift_by_one_standard_deviation_has_the_auc_of_the_textbook():
    """N(0, 1) against N(1, 1): AUC Φ(1/√2) = 0.7602, inside the interval."""
    rng = np.random.default_rng(3)
    x, domain = rng.normal(size=(600, 1)), np.repeat([0.0, 1.0], 300)
    x[300:] += 1
    effect = classifier_test(x, domain, 0.9, 0).effect
    assert effect.low < 0.7602 < effect.high


def test_halves_hold_the_same_share_of_each_domain():
    domain = np.repeat([0.0, 1.0], [10, 6])
    half = folds(domain, 1)
    assert (half[:10].sum(), half[10:].sum()) == (5, 3)


def test_rows_are_drawn_once_and_in_order():
    rows = thinned(100, 20, 0)
    assert len(set(rows)) == 20
    assert (np.diff(rows) > 0).all()
    np.testing.assert_array_equal(thinned(5, 20, 0), np.arange(5))
