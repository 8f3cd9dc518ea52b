"""Going on from present weights: partial_fit and warm_start."""

import pickle

import numpy as np
import pytest

from netwright.estimators import NetClassifier, NetRegressor

generator = np.random.default_rng(0)
X = generator.normal(size=(90, 3))
y = (X[:, 0] > 0).astype(int)
quick = {"hidden": 8, "random_state": 0, "dropout": 0.0}


def test_passes_are_the_epochs_of_a_fit() -> None:
    fitted = NetClassifier(**quick, epochs=4, schedule="constant", dev_fraction=0.0).fit(X, y)
    model = NetClassifier(**quick)
    for _ in range(4):
        model.partial_fit(X, y, classes=[0, 1])
    np.testing.assert_array_equal(model.predict_proba(X), fitted.predict_proba(X))
    assert model.loss_curve_ == fitted.loss_curve_
    assert model.n_iter_ == 4


def test_a_pickled_estimator_goes_on_alike() -> None:
    model = NetRegressor(hidden=8, random_state=0, dropout=0.3).partial_fit(X, X[:, 1])
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(
        copy.partial_fit(X, X[:, 1]).predict(X), model.partial_fit(X, X[:, 1]).predict(X)
    )


def test_learns_from_a_stream() -> None:
    model = NetClassifier(hidden=16, learning_rate=0.01, random_state=0)
    for _ in range(60):
        rows = generator.normal(size=(32, 3))
        model.partial_fit(rows, (rows[:, 0] > 0).astype(int), classes=[0, 1])
    assert model.score(X, y) > 0.93


def test_a_pass_may_miss_a_class_but_not_bring_a_new_one() -> None:
    model = NetClassifier(**quick).partial_fit(X[:5], ["a", "b", "a", "b", "a"], classes=["a", "b", "c"])
    assert model.predict_proba(X).shape == (90, 3)
    model.partial_fit(X[:2], ["c", "c"])
    with pytest.raises(ValueError, match="not in classes"):
        model.partial_fit(X[:2], ["a", "d"])
    with pytest.raises(ValueError, match="classes: found"):
        model.partial_fit(X[:2], ["a", "b"], classes=["a", "b"])


def test_the_first_pass_needs_the_classes() -> None:
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        NetClassifier(**quick).partial_fit(X, y)


def test_the_first_pass_fixes_the_encoding() -> None:
    model = NetRegressor(**quick).partial_fit(X, X[:, 0])
    center = model.run_.predictor.encoder.to_json()
    model.partial_fit(100 * X, 100 * X[:, 0])
    assert model.run_.predictor.encoder.to_json() == center


def test_fit_goes_on_into_passes() -> None:
    model = NetRegressor(**quick, epochs=5).fit(X, X[:, 0])
    before = model.coefs_[0].copy()
    model.partial_fit(X, X[:, 0])
    assert model.n_iter_ == 6
    assert len(model.loss_curve_) == 6
    assert 0 < np.abs(model.coefs_[0] - before).max() < 0.1


def test_warm_start_goes_on_and_cold_starts_anew() -> None:
    warm = NetClassifier(**quick, epochs=1, warm_start=True)
    losses = [warm.fit(X, y).loss_ for _ in range(8)]
    assert losses == warm.loss_curve_
    assert losses == sorted(losses, reverse=True)
    cold = NetClassifier(**quick, epochs=1)
    assert [cold.fit(X, y).loss_ for _ in range(2)] == losses[:1] * 2


def test_warm_start_keeps_dropout_a_control() -> None:
    model = NetClassifier(hidden=8, random_state=0, dropout=0.5, epochs=1, warm_start=True).fit(X, y)
    model.set_params(dropout=0.25).fit(X, y)
    assert float(model.run_.predictor.rest["hidden.0.dropout.rate"]) == 0.25


def test_warm_start_refuses_other_classes_columns_and_layers() -> None:
    model = NetClassifier(**quick, epochs=1, warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="the earlier fit had"):
        model.fit(X, y + 1)
    with pytest.raises(ValueError, match="is expecting 3 features"):
        model.fit(X[:, :2], y)
    with pytest.raises(ValueError, match="layers differ"):
        model.set_params(hidden=9).fit(X, y)
