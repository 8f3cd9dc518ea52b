"""The training step against a float64 NumPy network over several epochs."""

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression

import netwright as nw
from netwright.core.errors import ControlError, DataError
from netwright.train.order import epoch_order


@pytest.mark.parametrize("batch_size", ["full", 1, 7])
def test_td4_nn1_nn6_every_row_once_whatever_the_batch_size(
    batch_size, trained, two_classes, plain, in_order
):
    """TD-4, NN-1, NN-6: logistic regression by batch, stochastic and mini-batch descent.

    30 rows make four batches of 7 and one of 2, whose mean is over 2 rows; a row dropped or counted twice
    would move every weight by far more than the tolerance.
    """
    found = trained(two_classes, plain(batch_size=batch_size))
    size = 30 if batch_size == "full" else batch_size
    found.repeat(found.reference("bce"), in_order, size)
    assert found.run.history["step"].to_list() == [-(-30 // size) * epoch for epoch in (1, 2, 3)]


def test_td4_a_batch_larger_than_the_data_is_the_whole(trained, two_classes, plain):
    """TD-4: batch_size=1000 of 30 rows equals full."""
    big, full = (trained(two_classes, plain(batch_size=size)) for size in (1000, "full"))
    for name, a in full.params.items():
        np.testing.assert_array_equal(big.params[name], a)


@pytest.mark.parametrize("bad", [0, -1, 1.5, "half"])
def test_td4_refuses_other_batch_sizes(bad):
    """TD-4: full, 1 or B."""
    with pytest.raises(ControlError, match="batch_size"):
        nw.Optimization(batch_size=bad)


@pytest.fixture(scope="module")
def logistic(trained, two_classes, plain):
    return trained(two_classes, plain(batch_size="full"))


def test_nn1_probability_and_threshold(logistic, two_classes):
    """NN-1: ŷ = σ(Xw + b); the label is 1 above the threshold, 0.5 unless set."""
    X, run = two_classes.train.features, logistic.run
    X = np.asarray(X, np.float32)
    w, b = logistic.params["output.kernel"].astype(float), logistic.params["output.bias"].astype(float)
    p = expit((X @ w + b)[:, 0])
    np.testing.assert_allclose(run.predict_proba(X), np.stack([1 - p, p], axis=1), rtol=1e-5)
    np.testing.assert_array_equal(run.predict(X), (p > 0.5).astype(int))
    for threshold in (0.1, 0.7):
        np.testing.assert_array_equal(run.predict(X, threshold=threshold), (p > threshold).astype(int))
        assert not np.array_equal(run.predict(X, threshold=threshold), run.predict(X))


@pytest.mark.parametrize("threshold", [0, 1, -0.2, 1.5, float("nan")])
def test_nn1_refuses_a_threshold_outside_of_0_and_1(logistic, threshold):
    """NN-1: the threshold is a probability."""
    with pytest.raises(ControlError, match="threshold"):
        logistic.run.predict(np.zeros((1, 4)), threshold=threshold)


def test_nn1_finds_the_optimum_of_logistic_regression(two_classes, plain):
    """NN-1: full-batch descent with L2 reaches scikit-learn's optimum.

    scikit-learn minimizes C Σ loss + ½‖w‖², so C = 1/(m λ).
    """
    controls = plain(batch_size="full", learning_rate=1.0, regularization={"l2": 0.1})
    controls = controls.with_setting("optimization.epochs=400")
    run = nw.fit(two_classes, controls)
    X, y = np.asarray(two_classes.features.content, np.float64), np.asarray(two_classes.labels.values)
    best = LogisticRegression(C=1 / (30 * 0.1), tol=1e-10, max_iter=1000).fit(X, y)
    # 400 steps at rate 1 shrink the error by (1 − λ)^400 = 5e-19; what is left is float32.
    found = np.asarray(run.predictor.params["output.kernel"])[:, 0]
    np.testing.assert_allclose(found, best.coef_[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(run.predictor.params["output.bias"], best.intercept_, rtol=1e-4, atol=1e-5)


def test_nn2_td4_a_shuffled_mlp(trained, three_classes, plain, equal_in_float32):
    """NN-2, TD-4, TD-7: two hidden layers, three classes, sample weights, shuffled batches of 7 of 30 rows."""
    found = trained(three_classes, plain((5, 3), data={"shuffle": True}), seed=11)
    orders = [epoch_order(11, epoch, 30, 7, shuffle=True)[:30] for epoch in range(3)]
    found.repeat(found.reference("cce"), orders, 7)
    assert len(np.unique(found.data.weight)) > 20


def test_nn2_regression(trained, regression, plain, in_order):
    """NN-2, TD-2: the squared loss on one output."""
    found = trained(regression, plain((5,)))
    found.repeat(found.reference("mse"), in_order, 7)


def test_ar1_softmax_and_argmax(trained, three_classes, plain):
    """AR-1: K logits, stable softmax, CCE, argmax; the columns follow the classes."""
    run = trained(three_classes, plain((5, 3), data={"shuffle": True}), seed=11).run
    X = np.asarray(three_classes.features.content, np.float32)
    logits = run.predictor.outputs(X).astype(float)
    assert logits.shape == (30, 3)
    np.testing.assert_allclose(run.predict_proba(X), softmax(logits, axis=1), rtol=1e-6)
    np.testing.assert_allclose(run.predict_proba(X).sum(axis=1), np.ones(30), rtol=1e-12)
    np.testing.assert_array_equal(run.predict(X), np.array(run.classes)[logits.argmax(axis=1)])
    huge = run.predictor.probabilities(np.array([[1e4, -1e4, 0]], np.float32))
    np.testing.assert_array_equal(huge, [[1, 0, 0]])


def test_nn2_refuses_rows_of_another_width(logistic):
    """NN-2: X must be (m, n_in)."""
    with pytest.raises(DataError, match="3"):
        logistic.run.predict(np.zeros((2, 3)))
