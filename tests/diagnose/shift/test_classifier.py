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


def test_the_p_value_is_that_of_permuted_domains():
    """One column that the classifiers cannot use: p is uniform, and never 0."""
    ps = []
    for seed in range(40):
        x = np.random.default_rng(seed).normal(size=(60, 1))
        ps.append(classifier_test(x, np.repeat([0.0, 1.0], 30), 0.9, seed).p)
    assert min(ps) >= 1 / 4001
    # At most one in ten, and three standard errors of 40.
    assert np.mean(np.array(ps) < 0.1) < 0.1 + 3 * np.sqrt(0.09 / 40)


def test_a_wider_spread_of_many_columns_is_seen():
    """25 columns of equal means: only their squares tell the domains apart, AUC of the sum of squares 0.999."""
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=(300, 25)), 2 * rng.normal(size=(300, 25))])
    assert classifier_test(x, np.repeat([0.0, 1.0], 300), 0.9, 0).effect.low > 0.98


def test_halves_hold_the_same_share_of_each_domain():
    domain = np.repeat([0.0, 1.0], [10, 6])
    half = folds(domain, 1)
    assert (half[:10].sum(), half[10:].sum()) == (5, 3)


def test_rows_are_drawn_once_and_in_order():
    rows = thinned(100, 20, 0)
    assert len(set(rows)) == 20
    assert (np.diff(rows) > 0).all()
    np.testing.assert_array_equal(thinned(5, 20, 0), np.arange(5))
